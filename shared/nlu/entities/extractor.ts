import type { Bot, BotSettings } from '../../bot/bot.ts';
import { PERSONAL } from './builtin/dimensions.ts';
import type { Reading } from './builtin/reading.ts';
import { recogniserOf } from './builtin/registry.ts';
import { codePointsOf } from './code-points.ts';
import type { Candidate, Circumstances, Entity } from './entity.ts';
import { normalise, type Normalised } from './normalised.ts';
import { withoutOverlaps } from './overlaps.ts';
import { grouped, roleGiver } from './roles.ts';
import { ruleFinder } from './rules.ts';
import type { Tagger } from './tagger.ts';

/** Nobody means more, and an event has room for no more. */
const MOST = 20;
/** What comes after is not searched, so that the time it takes has a bound. */
const READ = 10_000;
/** An event takes no longer value. */
const LONGEST_VALUE = 1_000;

/** Finds the values in a text. The same text in the same circumstances gives the same values, on any machine at any time. */
export interface Extractor {
  /** Names what found them, and its version. */
  readonly model: string;
  readonly extract: (text: string, circumstances: Circumstances) => readonly Entity[];
}

/**
 * Everything a bot wants found: by its own patterns, lookups and synonyms, by the built-in recognisers that it asks for,
 * and by a learned tagger where there is one. Loads the recognisers that this bot needs and no others.
 */
export async function entityExtractor(
  bot: Pick<Bot, 'hash' | 'entities'> & { readonly settings: Pick<BotSettings, 'timezone'> },
  tagger?: Tagger,
): Promise<Extractor> {
  const findByRule = ruleFinder(bot.entities);
  const wanted = bot.entities.flatMap(({ name, dimension }) => (dimension === undefined ? [] : [{ name, dimension }]));
  const recognisers = await Promise.all(
    wanted.map(async ({ name, dimension }) => ({ name, dimension, recognise: await recogniserOf(dimension) })),
  );
  // The table of characters takes 50 ms to load: not for bots that need none of it.
  const { simplified } = wanted.length > 0 ? await import('../text/simplified.ts') : { simplified: asItIs };
  const giveRole = roleGiver(bot.entities);
  const groups = new Map(bot.entities.map(({ name, groups: declared }) => [name, declared]));
  const { timezone } = bot.settings;

  const builtin = (reading: Reading, circumstances: Circumstances): readonly Candidate[] =>
    recognisers.flatMap(({ name, dimension, recognise }) =>
      recognise(reading, circumstances).map(({ start, end, normalised }): Candidate => ({
        entity: name,
        value: reading.text.slice(start, end),
        start,
        end,
        dimension,
        normalised,
        origin: 'builtin',
      })),
    );

  const extract: Extractor['extract'] = (original, asked) => {
    const normal = normalise(original.length > READ ? original.slice(0, READ) : original);
    const circumstances = { ...(timezone !== undefined && { timezone }), ...asked };
    const candidates: Candidate[] = [...findByRule(normal)];
    if (recognisers.length > 0) candidates.push(...builtin(readingOf(normal, simplified(normal.lower)), circumstances));
    for (const tag of tagger?.tag(normal, asked.locale) ?? []) {
      candidates.push({ ...tag, value: normal.text.slice(tag.start, tag.end), origin: 'learned' });
    }
    if (candidates.length === 0) return [];
    const placed = candidates
      .filter(({ value, normalised = '' }) => value.length <= LONGEST_VALUE && normalised.length <= LONGEST_VALUE)
      .map((candidate) => {
        const { start, end } = normal.origin(candidate.start, candidate.end);
        return { candidate, from: start, to: end };
      });
    const meant = withoutOverlaps(placed).slice(0, MOST);
    const inRoles = meant.map(({ candidate }) => giveRole(candidate, normal.lower));
    const inGroups = grouped(inRoles, (name) => groups.get(name));
    const codePoint = codePointsOf(original);
    return inGroups.map((candidate, i) =>
      entityOf(candidate, codePoint(meant[i]?.from ?? 0), codePoint(meant[i]?.to ?? 0)),
    );
  };
  const model = `rules@${bot.hash.slice(0, 12)}`;
  return { model: tagger ? `${model}+${tagger.model}` : model, extract };
}

function entityOf(candidate: Candidate, start: number, end: number): Entity {
  const { entity, value, role, group, dimension, normalised } = candidate;
  return {
    entity,
    value: value.toWellFormed(),
    start,
    end,
    ...(role !== undefined && { role }),
    ...(group !== undefined && { group }),
    ...(dimension !== undefined && { dimension }),
    ...(normalised !== undefined && { normalised: normalised.toWellFormed() }),
    ...(dimension !== undefined && PERSONAL.has(dimension) && { personal: true as const }),
  };
}

const asItIs = (text: string): string => text;

const DIGIT = /\d/;
const LATIN = /[a-z]/;
const CHINESE = /\p{Script=Han}|[\u3007]/u;

function readingOf(normal: Normalised, plain: string): Reading {
  return {
    ...normal,
    plain,
    hasDigit: DIGIT.test(plain),
    hasLatin: LATIN.test(plain),
    hasChinese: CHINESE.test(plain),
  };
}
