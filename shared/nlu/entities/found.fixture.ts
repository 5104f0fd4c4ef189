import { DIMENSIONS } from './builtin/dimensions.ts';
import { entityExtractor } from './extractor.ts';
import { asking } from './testing.ts';

/** A Friday, 18:00 in China. */
const SAID = new Date('2026-11-20T10:00:00Z');
const { extract } = await entityExtractor(asking(...DIMENSIONS));

/** What every built-in recogniser together finds: dimension, piece of the text, normalised value. */
export const found = (text: string): readonly (readonly [string, string, string])[] =>
  extract(text, {
    locale: /\p{Script=Han}/u.test(text) ? 'zh' : 'en',
    said: SAID,
    timezone: 'Asia/Shanghai',
  }).map(({ entity, start, end, normalised = '' }) => [
    entity,
    Array.from(text).slice(start, end).join(''),
    normalised,
  ]);
