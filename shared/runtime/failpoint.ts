/**
 * Every place where a crash could come between two effects. The fault tests kill the process at each of them
 * (`functions/faults/failpoints.int.test.ts`), so a new await in this folder needs a new name here.
 */
export const FAILPOINTS = [
  'pull.before-read',
  'pull.after-read',
  'pull.before-ack',
  'pull.after-ack',
  'pull.before-suspecting',
  'pull.after-suspecting',
  'pull.before-acquitting',
  'pull.after-acquitting',
  'pull.before-dead-letter',
  'pull.after-dead-letter',
  'pull.before-wait',
  'pull.after-wait',
  'http.before-read',
  'http.after-read',
  'http.before-answer',
  'chain.before-follow-ups',
  'chain.after-follow-ups',
  'chain.before-reactions',
  'chain.between-reactions',
  'chain.after-reactions',
  'chain.after-decider',
  'chain.before-left-over',
  'chain.after-left-over',
  'chain.before-abandoning',
  'chain.after-abandoning',
  'invoke.before-backoff',
  'invoke.after-backoff',
  'react.before-handle',
  'react.after-handle',
  'react.before-append',
  'react.after-append',
  'decide.before-recall',
  'decide.after-recall',
  'decide.after-bot',
  'decide.before-append',
  'decide.after-append',
  'place.before-append',
  'place.after-append',
  'place.before-read',
  'place.after-read',
  'give-up.before-recall',
  'give-up.after-recall',
  'give-up.before-append',
  'give-up.after-append',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

let hook: ((name: Failpoint) => void) | undefined;

/** Marks a place; does nothing unless a test has armed it. */
export const failpoint = (name: Failpoint): void => hook?.(name);

/** For composition roots and tests: calls back at each failpoint. */
export function onFailpoint(callback: ((name: Failpoint) => void) | undefined): void {
  hook = callback;
}
