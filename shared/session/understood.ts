import type { DialogueState, Entity, Ranked, Turn } from './state.ts';

/** Of all texts that are waiting together, so many UTF-16 code units are kept. */
const TEXT_KEPT = 400;
const ENTITIES_KEPT = 16;
const OTHERS_KEPT = 2;
/** What is less likely than this is no candidate. */
const LEAST_LIKELY = 0.05;
const SETS = /^\/SetSlots\((.{1,500})\)$/su;
const SLOT = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u;

/** Adds what is now known about a turn, as long as nothing was decided about it and it was not known already. */
export const learn = (
  state: DialogueState,
  turn: string | undefined,
  fact: Pick<Turn, 'intent' | 'entities'>,
): DialogueState => ({
  ...state,
  turns: state.turns.map((t) =>
    t.id === turn && !t.decided && t.steps === undefined ? inOrder({ ...fact, ...t }) : t,
  ),
});

/** A turn with its keys in one order, whichever was known first. */
export const inOrder = (turn: Turn): Turn => ({
  id: turn.id,
  locale: turn.locale,
  ...(turn.text !== undefined && { text: turn.text }),
  ...(turn.sets && { sets: turn.sets }),
  ...(turn.merged && { merged: turn.merged }),
  ...(turn.steps !== undefined && { steps: turn.steps }),
  ...(turn.intent && { intent: turn.intent }),
  ...(turn.entities && { entities: turn.entities }),
  ...(turn.decided && { decided: turn.decided }),
});

/** A turn that was just opened, with as much of its text as there is room for. */
export function opened(
  { turns }: DialogueState,
  { id, locale, text, payload }: { id: string; locale: string; text: string; payload?: string | undefined },
): Turn {
  const room = turns.reduce((left, turn) => left - (turn.text?.length ?? 0), TEXT_KEPT);
  const kept = whole(text.trim().slice(0, Math.max(0, room)));
  const sets = slotsIn(payload);
  return { id, locale, ...(kept && { text: kept }), ...(sets && { sets }) };
}

/** The first value of each entity, role and group; the others stand in the log. */
export const firstOfEach = (entities: readonly Entity[]): readonly Entity[] =>
  entities
    .filter((it, i) => entities.findIndex((e) => keyOf(e) === keyOf(it)) === i)
    .slice(0, ENTITIES_KEPT)
    .map(({ entity, value, role, group, normalised }) => ({
      entity,
      value,
      ...(role !== undefined && { role }),
      ...(group !== undefined && { group }),
      ...(normalised !== undefined && normalised !== value && { normalised }),
    }));

const keyOf = ({ entity, role = '', group = '' }: Entity): string => `${entity}\n${role}\n${group}`;

/** The candidates that are worth remembering. */
export const candidates = (
  others: readonly { readonly intent: string; readonly confidence: number }[],
): readonly Ranked[] =>
  others
    .filter(({ confidence }) => confidence >= LEAST_LIKELY)
    .slice(0, OTHERS_KEPT)
    .map(({ intent: name, confidence }) => ({ name, confidence: rounded(confidence) }));

export const rounded = (confidence: number): number => Math.round(confidence * 1_000) / 1_000;

/** The values that a button sets: `/SetSlots(size=L, colour=red)`. */
function slotsIn(payload: string | undefined): Readonly<Record<string, string>> | undefined {
  const inside = payload === undefined ? undefined : SETS.exec(payload.trim())?.[1];
  if (inside === undefined) return undefined;
  const pairs = inside.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const [slot, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    return at > 0 && SLOT.test(slot) && !(slot in {}) && value ? [[slot, value] as const] : [];
  });
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/** Without the half of a character at its end. */
export const whole = (text: string): string => (text.isWellFormed() ? text : text.slice(0, -1));
