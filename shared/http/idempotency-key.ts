const MAX_LENGTH = 255;

/**
 * The value of an `Idempotency-Key` header: a Structured Fields string as draft-ietf-httpapi-idempotency-key-header-07
 * wants it, or the same without its quotes, as most clients send it. Undefined where it is neither.
 */
export function idempotencyKey(header: string): string | undefined {
  const quoted = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/u.exec(header)?.[1];
  const key = quoted?.replace(/\\(["\\])/gu, '$1') ?? (/^[!#-+\--:<-~]+$/u.test(header) ? header : undefined);
  return key !== undefined && key.length > 0 && key.length <= MAX_LENGTH ? key : undefined;
}
