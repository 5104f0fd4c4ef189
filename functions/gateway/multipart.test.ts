import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { fieldOf } from './multipart.ts';

const bodyOf = async (form: FormData) => {
  const request = new Request('http://x', { method: 'POST', body: form });
  return [Buffer.from(await request.arrayBuffer()), request.headers.get('content-type') ?? ''] as const;
};

describe('a field of a form', () => {
  property.prop([fc.uint8Array({ maxLength: 3_000 }), fc.string(), fc.string({ unit: 'grapheme', maxLength: 40 })])(
    'is what was put into it, byte for byte, whatever stands around it',
    async (bytes, other, filename) => {
      const form = new FormData();
      form.set('other', other);
      form.set('voice', new Blob([new Uint8Array(bytes)]), filename);
      form.set('last', 'x');
      const [body, type] = await bodyOf(form);
      expect(Buffer.compare(fieldOf(body, type, 'voice'), bytes)).toBe(0);
    },
  );

  it.each([
    ['multipart/form-data', 'Content-Type'],
    ['multipart/form-data; boundary=', 'Content-Type'],
    ['multipart/form-data; boundary=other', 'voice'],
  ])('is refused with %s', async (type, field) => {
    const form = new FormData();
    form.set('voice', 'x');
    const [body] = await bodyOf(form);
    const refused = {
      problem: expect.objectContaining({ status: 400, errors: [expect.objectContaining({ field })] }) as object,
    };
    expect(() => fieldOf(body, type, 'voice')).toThrow(expect.objectContaining(refused) as Error);
  });

  property.prop([fc.nat(400)])('is refused where the form is cut off', async (length) => {
    const form = new FormData();
    form.set('voice', 'x'.repeat(300));
    const [body, type] = await bodyOf(form);
    expect(() => fieldOf(body.subarray(0, Math.min(length, 300)), type, 'voice')).toThrow();
  });
});
