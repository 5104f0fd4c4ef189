/** Bytes of something, from one place up to another. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const RANGE = /^bytes= *(\d{0,15})-(\d{0,15}) *$/u;

/**
 * What a `Range` header asks of so many bytes (RFC 9110, 14.2). Undefined: the whole, since there is no header, or one
 * that need not be understood: several ranges, other units.
 */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const from = Math.max(0, bytes - Number(last));
    return from < bytes ? { from, to: bytes } : 'unsatisfiable';
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  const to = last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  return Number(first) < to ? { from: Number(first), to } : 'unsatisfiable';
}
