import type { Bot } from '../../../shared/bot/bot.ts';
import { PERSONAL, type Dimension } from '../../../shared/nlu/entities/builtin/dimensions.ts';
import { entityExtractor } from '../../../shared/nlu/entities/extractor.ts';

/** Values that belong to nobody and are still found as what they stand for: check digits fit. */
const SPECIMENS: Readonly<Record<string, readonly string[]>> = {
  card: ['4111111111111111', '5555555555554444', '4012888888881881'],
  id_number: ['11010519491231002X', '440524188001010014'],
  phone: ['13800138000', '13800138001', '13800138002'],
  email: ['customer1@example.com', 'customer2@example.com', 'customer3@example.com'],
  address: ['北京市朝阳区建国路1号', '上海市浦东新区世纪大道2号'],
};

/** Replaces what tells who somebody is. The same value is always replaced by the same other one. */
export interface Mask {
  readonly text: (text: string, locale: string) => string;
  /** How many values were replaced. */
  readonly count: () => number;
}

/**
 * A mask for phone numbers, e-mail addresses, card and identity numbers and postal addresses. Names of people, order
 * numbers and the like are not recognised: whoever keeps the result has to look it through.
 */
export async function personalMask(bot: Bot): Promise<Mask> {
  const entities = [...PERSONAL].map((dimension: Dimension) => ({
    name: dimension,
    patterns: [],
    words: [],
    dimension,
  }));
  const extractor = await entityExtractor({ ...bot, entities });
  const known = new Map<string, string>();
  const specimen = (dimension: string, value: string): string => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const of = SPECIMENS[dimension] ?? ['…'];
    const used = new Set(known.values());
    const fresh = of.find((it) => !used.has(it)) ?? of[0] ?? '…';
    known.set(value, fresh);
    return fresh;
  };
  return {
    text(text, locale) {
      // Places count code points.
      const points = Array.from(text);
      const found = extractor.extract(text, { locale, said: new Date(0) }).toSorted((a, b) => b.start - a.start);
      for (const { entity, start, end } of found) {
        const value = points.slice(start, end).join('');
        points.splice(start, end - start, specimen(entity, value));
      }
      // A value that was found once stands elsewhere too, where nothing tells what it is.
      return [...known].reduce((all, [value, other]) => all.replaceAll(value, other), points.join(''));
    },
    count: () => known.size,
  };
}

/** Leaves everything as it is. */
export const noMask: Mask = { text: (text) => text, count: () => 0 };
