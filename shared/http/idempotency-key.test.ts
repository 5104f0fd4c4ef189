import { describe, expect, it } from 'vitest';
import { idempotencyKey } from './idempotency-key.ts';

describe('an idempotency key', () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"with space"', 'with space'],
    ['"a \\"quoted\\" \\\\ one"', 'a "quoted" \\ one'],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('%j is %j', (header, key) => {
    expect(idempotencyKey(header)).toBe(key);
  });

  it.each(['', '""', '"open', 'a b', '"a", "b"', '"a";p=1', '"\\a"', 'ключ', '"\u0007"', 'a'.repeat(256)])(
    '%j is none',
    (header) => {
      expect(idempotencyKey(header)).toBeUndefined();
    },
  );
});
