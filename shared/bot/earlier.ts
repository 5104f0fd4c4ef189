import * as v from 'valibot';
import type { Bot, Flow, FlowStep, SlotRule } from './bot.ts';
import { canonicalBot, contentHash } from './canonical.ts';

const text = v.string();
const ACTIONS = { 'hand-off': 'action_human_handoff', close: 'action_close_session' } as const;

/** A flow of the first form: slots to collect, and one thing to say. */
const EarlierFlow = v.strictObject({
  intent: text,
  collect: v.array(v.strictObject({ slot: text, ask: text })),
  then: v.strictObject({ kind: v.picklist(['respond', 'hand-off', 'close']), response: text }),
});
type EarlierFlow = v.InferOutput<typeof EarlierFlow>;

const EarlierBot = v.looseObject({ hash: text, flows: v.array(EarlierFlow), slots: v.optional(v.undefined()) });

/**
 * A bot that was published before flows had steps, as one of today, under the hash that sessions know it by. Undefined
 * for anything else, and for one whose content is not what its hash says.
 */
export function earlierBot(stored: unknown): Bot | undefined {
  const read = v.safeParse(EarlierBot, stored);
  if (!read.success || read.output.flows.length === 0) return undefined;
  const { hash, flows, ...rest } = read.output;
  const content = rest as unknown as Omit<Bot, 'hash' | 'flows' | 'slots'>;
  const { hash: _hash, slots: _slots, flows: _flows, ...ordered } = canonicalBot({ ...content, slots: [], flows: [] });
  const sorted = flows.toSorted((a, b) => (a.intent < b.intent ? -1 : 1));
  if (contentHash({ ...ordered, flows: sorted }) !== hash) return undefined;
  return { ...canonicalBot({ ...content, slots: slotsOf(flows), flows: flows.map(modern) }), hash };
}

/** Each slot was filled by the entity of its name. */
const slotsOf = (flows: readonly EarlierFlow[]): readonly SlotRule[] =>
  [...new Set(flows.flatMap(({ collect }) => collect.map(({ slot }) => slot)))].map((name) => ({
    name,
    type: 'text',
    fill: [{ from: 'entity', entity: name }],
  }));

function modern({ intent, collect, then }: EarlierFlow): Flow {
  const after = (i: number): FlowStep['next'] => [{ to: String(i + 2) }];
  const asks = collect.map(({ slot, ask }, i): FlowStep => ({
    id: String(i + 1),
    kind: 'collect',
    slot,
    ask,
    next: after(i),
  }));
  const last = asks.length;
  const says: FlowStep = {
    id: String(last + 1),
    kind: 'say',
    response: then.response,
    next: then.kind === 'respond' ? [] : after(last),
  };
  const ends: readonly FlowStep[] =
    then.kind === 'respond' ? [] : [{ id: String(last + 2), kind: 'action', action: ACTIONS[then.kind], next: [] }];
  return { id: intent, intents: [intent], steps: [...asks, says, ...ends] };
}
