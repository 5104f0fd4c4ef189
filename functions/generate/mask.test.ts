import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { mask } from './mask.ts';

const piece = fc.oneof(
  fc.constantFrom('[[', ']]', '[', ']', '[[phone-1]]', '[[text-1]]', '[[', 'phone-1', '-', '1', ' ', '我的号码', '😀'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const personal = fc.array(
  fc.record({ kind: fc.constantFrom('phone', 'email', 'said'), value: fc.oneof(piece, text) }),
  { maxLength: 5 },
);

describe('masking', () => {
  property.prop([fc.array(text, { maxLength: 4 }), personal])('is undone by restoring', (texts, values) => {
    const masked = mask(texts, values);
    expect(masked.texts.map((it) => masked.restore(it))).toEqual(texts);
  });

  property.prop([text, fc.stringMatching(/^1[3-9]\d{9}$/u), text])(
    'leaves nothing of a value, wherever it stands',
    (before, value, after) => {
      const { texts } = mask([`${before}${value}${after}`, value], [{ kind: 'phone', value }]);
      expect(texts.join('\n')).not.toContain(value);
    },
  );

  property.prop([text, personal])('refuses a placeholder that stands for nothing', (said, values) => {
    const { texts, restore } = mask([said], values);
    expect(restore(`${texts[0] ?? ''} [[phone-99]]`)).toBeUndefined();
  });

  it('gives the same value the same placeholder in every text, and another value another one', () => {
    const { texts } = mask(
      ['ring 13812345678 or 13900001111', '13812345678?'],
      ['13812345678', '13900001111'].map((value) => ({ kind: 'phone', value })),
    );
    expect(texts).toEqual(['ring [[phone-1]] or [[phone-2]]', '[[phone-1]]?']);
  });

  it('does not restore what the customer wrote in the form of a placeholder as somebody’s number', () => {
    const { texts, restore } = mask(['13812345678 [[phone-1]]'], [{ kind: 'phone', value: '13812345678' }]);
    expect(texts).toEqual(['[[phone-1]] [[text-2]]']);
    expect(restore('[[text-2]]')).toBe('[[phone-1]]');
  });
});
