const ID_CHARS = 6;
const BODY_CHARS = 4;
const WIDTH = ID_CHARS + BODY_CHARS;

/** For how many incoming events of a session a repeated idempotency key is recognised, however late it comes. */
export const RECENT_IDS = 128;

/** What the session remembers about an incoming id. */
export type Recollection = 'unknown' | 'same' | 'different';

/** Adds an incoming id and its body; the oldest beyond the last 128 are forgotten. */
export const remember = (recent: string, id: string, body: string): string =>
  (recent + fingerprint(id, ID_CHARS) + fingerprint(body, BODY_CHARS)).slice(-RECENT_IDS * WIDTH);

/** Whether the id came before, and with the same body. An id is taken for another one of the 128 with a chance of 2 in 10^9. */
export function recollect(recent: string, id: string, body: string): Recollection {
  const wanted = fingerprint(id, ID_CHARS);
  for (let i = 0; i < recent.length; i += WIDTH) {
    if (!recent.startsWith(wanted, i)) continue;
    return recent.startsWith(fingerprint(body, BODY_CHARS), i + ID_CHARS) ? 'same' : 'different';
  }
  return 'unknown';
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';

/** 53-bit hash (cyrb53 by bryc, public domain), as base-64 digits. Pure, since the fold may not import a library. */
function fingerprint(text: string, chars: number): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  let rest = 4294967296 * (2097151 & b) + (a >>> 0);
  let out = '';
  for (let i = 0; i < chars; i++) {
    out += ALPHABET.charAt(rest % 64);
    rest = Math.floor(rest / 64);
  }
  return out;
}
