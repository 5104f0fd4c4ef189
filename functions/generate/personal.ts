import { PERSONAL } from '../../shared/nlu/entities/builtin/dimensions.ts';
import { entityExtractor } from '../../shared/nlu/entities/extractor.ts';
import { once } from '../../shared/function/once.ts';
import type { Generating } from './handler.ts';
import type { Personal } from './mask.ts';

/**
 * Seven digits or more, however they are grouped: phone numbers of countries that nobody has named, accounts, orders. A
 * model needs none of them.
 */
const LONG_NUMBER = /\+?\p{Nd}(?:[ ().-]{0,2}\p{Nd}){6,30}/gu;
/** An event marks no more than twenty values; a text may have more of them. */
const ROUNDS = 5;

/** Finds what tells who somebody is with the built-in recognisers, whatever a bot asks for, and any long number. */
export function personalFinder(): Generating['personalIn'] {
  const extractor = once(() =>
    entityExtractor({
      hash: 'personal',
      settings: {},
      entities: [...PERSONAL].map((dimension) => ({ name: dimension, dimension, patterns: [], words: [] })),
    }),
  );
  return async (text, locale) => {
    const { extract } = await extractor('');
    const found: Personal[] = [];
    let rest = text;
    for (let round = 0; round < ROUNDS; round += 1) {
      const points = Array.from(rest);
      // Nothing personal depends on when it was said.
      const entities = extract(rest, { locale, said: new Date(0) });
      const values = entities.map(({ entity, start, end }) => ({
        kind: entity,
        value: points.slice(start, end).join(''),
      }));
      if (values.length === 0) break;
      found.push(...values);
      for (const { value } of values) rest = rest.replaceAll(value, ' ');
    }
    for (const [value] of rest.matchAll(LONG_NUMBER)) found.push({ kind: 'number', value });
    return found;
  };
}
