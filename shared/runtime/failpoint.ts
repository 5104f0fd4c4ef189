/**
 * Every place where a crash could come between two effects. The fault tests kill the process at each of them
 * (bench/chaos and `functions/failpoints.int.test.ts`), so a new await in this folder needs a new name here.
 */
export const FAILPOINTS = [
  'pull.before-read',
  'pull.after-read',
  'pull.before-ack',
  'pull.after-ack',
  'http.before-read',
  'http.after-read',
  'http.before-answer',
  'chain.before-reactions',
  'chain.after-reactions',
  'chain.after-decider',
  'react.before-handle',
  'react.after-handle',
  'react.before-append',
  'react.after-append',
  'decide.before-recall',
  'decide.after-recall',
  'decide.after-bot',
  'decide.before-append',
  'decide.after-append',
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
