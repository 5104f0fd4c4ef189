import { entitiesExtracted, utteranceReceived } from '../../events/understanding.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import type { Entity, EntityExtractor } from './extractor.ts';

/** What this function asks of the outside world: the extractor of a bot. */
export interface Extraction {
  readonly entitiesOf: (bot: string) => Promise<EntityExtractor>;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u;

/** Finds the values that the text contains, possibly none. */
export const entity = defineReaction({
  name: 'entity',
  on: [utteranceReceived],
  emits: [entitiesExtracted],
  limits: { timeoutMs: 1_000, attempts: 3 },
  failure: 'step-failed',

  async handle({ data, time }, { ports }: Context<Extraction>) {
    const { text, locale, timezone } = data;
    const extractor = await ports.entitiesOf(data.bot.hash);
    // The time of the utterance and not the clock: told again, yesterday is the same day.
    const said = { locale, said: new Date(time), ...(timezone !== undefined && { timezone }) };
    const found = await extractor.extract(text, said);
    return [entitiesExtracted({ entities: [...pressed(data.payload), ...found.map(written)], model: extractor.model })];
  },
});

/** The fields that an event has room for, and no others. */
const written = ({
  entity: name,
  value,
  start,
  end,
  role,
  group,
  dimension,
  normalised,
  personal,
}: Entity): Entity => ({
  entity: name,
  value,
  start,
  end,
  ...(role !== undefined && { role }),
  ...(group !== undefined && { group }),
  ...(dimension !== undefined && { dimension }),
  ...(normalised !== undefined && { normalised }),
  ...(personal !== undefined && { personal }),
});

/** The values that a button carries: `/refund_status{"order_number":"TS1"}`. */
function pressed(payload: string | undefined): readonly Entity[] {
  const json = payload && /^\/[\p{L}\p{N}_/-]+(\{.*\})$/su.exec(payload)?.[1];
  if (!json) return [];
  try {
    const values = JSON.parse(json) as Record<string, unknown>;
    return Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' && NAME.test(name) ? [{ entity: name, value, start: 0, end: 0 }] : [],
    );
  } catch {
    // The author of the button wrote no JSON: what was said is all there is.
    return [];
  }
}
