/** Why a text is not acceptable JSON. */
export interface JsonFault {
  /** The path of a name that occurs twice in its object; absent where the text is no JSON at all. */
  readonly twice?: string;
}

/**
 * Reads JSON like `JSON.parse`, but refuses an object that has a name twice: parsers differ in which of the two they
 * believe, and what one of them checked another one would use.
 */
export function parseStrictJson(text: string): { readonly value: unknown } | JsonFault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  // In valid JSON every member has one colon outside of strings; a repeated name leaves fewer members than colons.
  return colonsIn(text) === membersIn(value) ? { value } : { twice: repeatedName(text) };
}

function colonsIn(json: string): number {
  let colons = 0;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === COLON) colons++;
    else if (c === QUOTE) i = endOfString(json, i);
  }
  return colons;
}

/** Without recursion, since the depth of a document is its sender's choice. */
function membersIn(value: unknown): number {
  let members = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    const values = Object.values(next);
    if (!Array.isArray(next)) members += values.length;
    for (const inner of values) if (typeof inner === 'object') rest.push(inner);
  }
  return members;
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json.charCodeAt(i) !== QUOTE) i += json.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

interface Level {
  /** The names so far; undefined in an array. */
  readonly names: Set<string> | undefined;
  at: string;
}

/** The path of the first name that occurs twice. Only for text that is valid JSON. */
function repeatedName(json: string): string {
  const levels: Level[] = [];
  let string = '';
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gsu)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') levels.push({ names: token === '{' ? new Set() : undefined, at: '0' });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level && !level.names) level.at = String(Number(level.at) + 1);
    else if (token === ':' && level?.names) {
      level.at = JSON.parse(string) as string;
      if (level.names.has(level.at)) return levels.map(({ at }) => at).join('.');
      level.names.add(level.at);
    } else string = token;
  }
  return '';
}
