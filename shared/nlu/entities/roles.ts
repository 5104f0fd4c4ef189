import type { EntityRule } from '../../bot/bot.ts';
import type { Candidate } from './entity.ts';

/** Words apart, Chinese characters each for itself; what only separates is left out. */
const TOKEN = /\p{Script=Han}|[^\s\p{P}\p{S}\p{Script=Han}]{1,40}/gu;
const REACH = 24;
const MOST_TOKENS = 4;

const before = (text: string): readonly string[] => (text.match(TOKEN) ?? []).slice(-MOST_TOKENS).toReversed();
const after = (text: string): readonly string[] => (text.match(TOKEN) ?? []).slice(0, MOST_TOKENS);

/**
 * Gives values the roles that the bot's examples teach, without a learned tagger: the role of the example whose words
 * around the value agree the furthest with those around it here. Where two roles agree as far, none is given.
 */
export function roleGiver(entities: readonly EntityRule[]): <C extends Candidate>(candidate: C, lower: string) => C {
  const known = new Map(
    entities.flatMap(({ name, contexts = [] }) =>
      contexts.length === 0
        ? []
        : [
            [
              name,
              contexts.map((context) => ({ context, left: before(context.before), right: after(context.after) })),
            ] as const,
          ],
    ),
  );
  return (candidate, lower) => {
    const examples = candidate.role === undefined ? known.get(candidate.entity) : undefined;
    if (!examples) return candidate;
    const left = before(lower.slice(Math.max(0, candidate.start - REACH), candidate.start));
    const right = after(lower.slice(candidate.end, candidate.end + REACH));
    const scored = examples.map(({ context, ...sides }) => ({
      context,
      // What stands before a value says more than what follows: 到上海, to Berlin.
      score: 2 * agreeing(sides.left, left) + agreeing(sides.right, right),
    }));
    const best = Math.max(...scored.map(({ score }) => score));
    const roles = new Set(scored.filter(({ score }) => score === best).map(({ context }) => context.role));
    const [role] = roles;
    return best === 0 || roles.size > 1 || role === undefined ? candidate : { ...candidate, role };
  };
}

function agreeing(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((token, i) => token !== b[i]);
  return differs < 0 ? a.length : differs;
}

/**
 * Says which values belong together, for entities that have groups: from left to right, a new group begins with a value
 * of a kind that the present group has already (a small pizza and a large one). Groups beyond the last are the last.
 */
export function grouped<C extends Candidate>(
  found: readonly C[],
  groupsOf: (entity: string) => readonly string[] | undefined,
): readonly C[] {
  let index = 0;
  let has = new Set<string>();
  return found.map((value) => {
    const groups = value.group === undefined ? groupsOf(value.entity) : undefined;
    if (!groups || groups.length === 0) return value;
    const kind = `${value.entity} ${value.role ?? ''}`;
    if (has.has(kind)) {
      index += 1;
      has = new Set();
    }
    has.add(kind);
    const group = groups[Math.min(index, groups.length - 1)];
    return group === undefined ? value : { ...value, group };
  });
}
