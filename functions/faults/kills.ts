import type { Failpoint } from '../../shared/runtime/failpoint.ts';
import type { Hosting } from '../index.ts';

/** A process that is killed at a failpoint, while a customer says these things. */
export interface Kill {
  readonly group: string;
  readonly failpoint: Failpoint;
  /** Where it is killed before that, so that the event comes a second time. */
  readonly before: readonly Failpoint[];
  readonly says: readonly string[];
}

const TALK = ['where is my parcel', 'it is TS12345678'];
const EVERY_GROUP: readonly Failpoint[] = [
  'pull.before-read',
  'pull.after-read',
  'pull.before-ack',
  'pull.after-ack',
  'chain.before-follow-ups',
  'chain.after-follow-ups',
  'chain.before-reactions',
  'chain.after-reactions',
  'chain.after-decider',
];
const REACTING: readonly Failpoint[] = [
  'react.before-handle',
  'react.after-handle',
  'react.before-append',
  'react.after-append',
  'place.before-append',
  'place.after-append',
];
const DECIDING: readonly Failpoint[] = [
  'decide.before-recall',
  'decide.after-recall',
  'decide.after-bot',
  'decide.before-append',
  'decide.after-append',
];
const REDELIVERED: readonly Failpoint[] = ['pull.before-suspecting', 'pull.after-suspecting'];
const FAILING: readonly Failpoint[] = [
  'invoke.before-backoff',
  'invoke.after-backoff',
  'give-up.before-append',
  'give-up.after-append',
];
const ENDING_WITHOUT_REPLY: readonly Failpoint[] = ['place.before-read', 'place.after-read'];
const BLAMING: readonly Failpoint[] = ['give-up.before-recall', 'give-up.after-recall'];
const ABANDONING: readonly Failpoint[] = ['chain.before-abandoning', 'chain.after-abandoning'];
const WAITING: readonly Failpoint[] = ['pull.before-wait', 'pull.after-wait'];

/** What a session says that talks to a bot which nobody has published yet. */
export const UNPUBLISHED = '[unpublished]';

/** Every place where a process can be killed while it pulls, and what gets it there. */
export function killsOf(hosting: Hosting): readonly Kill[] {
  const chained = hosting === 'chained';
  const groups = chained ? ['turn'] : ['intent', 'entity', 'policy', 'reply'];
  const reacting = chained ? ['turn'] : ['intent', 'entity', 'reply'];
  const understanding = chained ? ['turn'] : ['intent', 'entity'];
  const deciding = chained ? 'turn' : 'policy';
  const replying = chained ? 'turn' : 'reply';
  const at = (
    where: readonly string[],
    failpoints: readonly Failpoint[],
    says: readonly string[] = TALK,
    before: readonly Failpoint[] = [],
  ): readonly Kill[] => where.flatMap((group) => failpoints.map((failpoint) => ({ group, failpoint, before, says })));
  return [
    ...at(groups, EVERY_GROUP),
    ...at(reacting, REACTING),
    ...at([deciding], DECIDING),
    ...at(groups, REDELIVERED, TALK, ['pull.before-ack']),
    ...at(reacting, ['chain.between-reactions'], TALK, ['pull.before-ack']),
    ...understanding.flatMap((group) => at([group], FAILING, [`hello [${chained ? 'intent' : group} fails]`, 'hello'])),
    ...at([deciding], [...FAILING, ...BLAMING, ...ENDING_WITHOUT_REPLY], ['let the policy fail', 'hello']),
    ...at([replying], [...FAILING, ...ENDING_WITHOUT_REPLY], ['let the reply fail', 'hello']),
    ...at(understanding.slice(0, 1), ABANDONING, ['hello [intent dies]', 'hello']),
    ...at(understanding.slice(0, 1), WAITING, [UNPUBLISHED]),
  ];
}
