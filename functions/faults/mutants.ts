import { ulid } from 'ulid';
import type { EventId } from '../../events/envelope.ts';
import { entitiesExtracted } from '../../events/understanding.ts';
import type { Log } from '../../shared/log/log.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { isEnding } from '../../shared/runtime/place.ts';
import type { AnyFunction, Fold } from '../../shared/function/define.ts';
import { dialogue } from '../../shared/session/fold.ts';
import type { DialogueState } from '../../shared/session/state.ts';
import type { policy } from '../policy/handler.ts';
import type { Mutant } from './simulation.ts';

type Policy = typeof policy;

/** Appends wherever the session stands, for the events that are meant. */
const appendsAnyway =
  (which: (type: string) => boolean) =>
  (log: Log): Log => ({
    ...log,
    async append(event, previous) {
      const result = await log.append(event, previous);
      if (result.kind !== 'conflict' || !which(event.type)) return result;
      return log.append(event, result.last ?? 0);
    },
  });

const withPolicy =
  (change: (policy: Policy) => Policy) =>
  (group: Group): Group => ({
    ...group,
    functions: group.functions.map((fn): AnyFunction => (fn.kind === 'decider' ? change(fn as Policy) : fn)),
  });

const withFold = (evolve: Fold<DialogueState>['evolve']) =>
  withPolicy((policy) => ({ ...policy, fold: { ...dialogue, evolve } }));

const deciding = (seen: (state: DialogueState) => DialogueState) =>
  withPolicy((policy) => ({ ...policy, decide: (state, context) => policy.decide(seen(state), context) }));

/** Mistakes that the schedules have to find, each in its own words. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'a decision is let in whatever has happened since': { log: appendsAnyway((type) => type === 'policy.decided') },
  'an ending is let in beside another one': { log: appendsAnyway(isEnding) },
  'a conflict is taken for success': {
    log: (log) => ({
      ...log,
      async append(event, previous) {
        const result = await log.append(event, previous);
        if (result.kind !== 'conflict') return result;
        return { kind: 'appended', stored: { envelope: event, position: result.last ?? 0, previous } };
      },
    }),
  },
  'ids are new each time': {
    log: (log) => ({
      ...log,
      append: (event, previous) => log.append(event.causation ? { ...event, id: ulid() as EventId } : event, previous),
    }),
  },
  'a read from a lagging replica is believed': {
    log: (log) => ({ ...log, at: (ref, position) => log.scan(ref, position - 1, 1).then(([stored]) => stored) }),
  },
  'an event is acknowledged before it is worked on': { acknowledgesFirst: true },
  'what has to come again is acknowledged': { acknowledgesRetries: true },
  'what was repeated by a customer opens a second turn': {
    group: withFold((state, event) =>
      dialogue.evolve(event.type === 'utterance.received' ? { ...state, recent: '' } : state, event),
    ),
  },
  'the fold looks at the clock': {
    group: withFold((state, event) => ({ ...dialogue.evolve(state, event), misses: Math.floor(performance.now()) })),
  },
  'a turn does not wait for the one before it': {
    group: deciding((state) => ({ ...state, turns: state.turns.filter((t) => t.intent && t.entities) })),
  },
  'the newest turn is decided first': {
    group: deciding((state) => ({ ...state, turns: state.turns.toReversed() })),
  },
  'a decided turn is decided again': {
    group: deciding((state) => ({
      ...state,
      phase: state.turns.some((t) => t.decided) ? 'handed-off' : state.phase,
      turns: state.turns.map((t) => ({ ...t, decided: false })),
    })),
  },
  'only the last step of understanding wakes the policy': {
    group: withPolicy((policy) => ({ ...policy, on: [entitiesExtracted] as never })),
  },
};
