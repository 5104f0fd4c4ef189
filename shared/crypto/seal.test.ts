import { createSecretKey, randomBytes } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { openWith, sealWith } from './seal.ts';

const key = createSecretKey(randomBytes(32));

test.prop([fc.uint8Array({ maxLength: 2_000 }), fc.string({ unit: 'grapheme-ascii' })])(
  'opening gives what was sealed, of any length',
  (plain, aad) => {
    expect(Buffer.from(plain).equals(openWith(key, aad, sealWith(key, aad, plain)))).toBe(true);
  },
);

test.prop([fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 255 })])(
  'a changed byte anywhere is refused',
  (plain, at, change) => {
    const sealed = sealWith(key, 'place', plain);
    const i = at % sealed.length;
    sealed[i] = (sealed[i] ?? 0) ^ change;
    expect(() => openWith(key, 'place', sealed)).toThrow(expect.objectContaining({ code: 'cipher.refused' }));
  },
);

it('the same is never sealed the same twice, however many nonces are drawn', () => {
  const nonces = new Set(
    Array.from({ length: 5_000 }, () => sealWith(key, '', Buffer.from('x')).toString('latin1', 1, 13)),
  );
  expect(nonces.size).toBe(5_000);
});

it('cut or empty data is refused', () => {
  const sealed = sealWith(key, '', Buffer.from('hello'));
  for (const end of [0, 1, 12, 28, sealed.length - 1])
    expect(() => openWith(key, '', sealed.subarray(0, end))).toThrow(
      expect.objectContaining({ code: 'cipher.refused' }),
    );
});
