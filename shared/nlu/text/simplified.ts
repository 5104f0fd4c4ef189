import characters from 'opencc-js/dict/TSCharacters';

/** Simplified form by UTF-16 code; 0 where a character has none. 128 KB, so that a look-up costs one load. */
const SIMPLIFIED = tableOf(characters);

/**
 * A text with every traditional Chinese character written simplified, one for one, by the table of OpenCC
 * (Apache-2.0). Which of several simplified forms a word asks for is not looked at: training data and utterances come
 * through here alike. Characters beyond the Basic Multilingual Plane stay as they are.
 */
export function simplified(text: string): string {
  for (let i = 0; i < text.length; i += 1) {
    if (SIMPLIFIED[text.charCodeAt(i)]) return replaced(text, i);
  }
  return text;
}

function replaced(text: string, from: number): string {
  const codes = new Array<string>(text.length - from);
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    codes[i - from] = String.fromCharCode(SIMPLIFIED[code] || code);
  }
  return text.slice(0, from) + codes.join('');
}

/** The table is written as `萬 万|與 与|…`; where there are several simplified forms, the first is the usual one. */
function tableOf(written: string): Uint16Array {
  const table = new Uint16Array(0x1_0000);
  for (const entry of written.split('|')) {
    const [from = '', to = ''] = entry.split(' ');
    if (from.length === 1 && to.length === 1) table[from.charCodeAt(0)] = to.charCodeAt(0);
  }
  return table;
}
