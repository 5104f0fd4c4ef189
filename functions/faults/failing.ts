import { setTimeout as delay } from 'node:timers/promises';
import type { AnyFunction, Context } from '../../shared/function/define.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import type { ConversationEvent } from '../../events/catalogue.ts';
import type { policy } from '../policy/handler.ts';

/**
 * Faults that a test arms by what the customer says: `[intent hangs]`, `[entity dies]`, `[reply fails]`. Functions that
 * do not see the text fail on the turn that it belongs to.
 */
const FAULT = /\[(\w+) (hangs|fails|dies|dawdles)\]/gu;
/** What a customer wants on whose turn the policy fails. */
export const POLICY_FAILS = 'policy_fails';
export const POLICY_DIES = 'policy_dies';
type Fault = 'hangs' | 'fails' | 'dies' | 'dawdles';

/** What is wrong with a function, according to what was said. */
export const faultIn = (said: string, name: string): Fault | undefined =>
  [...said.matchAll(FAULT)].find(([, fn]) => fn === name)?.[2] as Fault | undefined;

/** The same functions, failing as armed. `saidIn`: what the customer said in a turn. */
export function failing(group: Group, saidIn: (event: Turn) => Promise<string>): Group {
  return { ...group, functions: group.functions.map((fn) => withFaults(fn, saidIn)) };
}
/** What names a turn. */
export type Turn = Pick<ConversationEvent, 'tenant' | 'session' | 'turn'>;

function withFaults(fn: AnyFunction, saidIn: (event: Turn) => Promise<string>): AnyFunction {
  if (fn.kind === 'decider') return withFaultyDecisions(fn as unknown as typeof policy) as unknown as AnyFunction;
  return {
    ...fn,
    async handle(event: ConversationEvent, context: Context<object>) {
      const said = event.type === 'utterance.received' ? event.data.text : await saidIn(event);
      await suffer(faultIn(said, fn.name));
      return fn.handle(withoutFaults(event), context) as Promise<readonly never[]>;
    },
  };
}

const withoutFaults = (event: ConversationEvent): ConversationEvent =>
  event.type === 'utterance.received'
    ? { ...event, data: { ...event.data, text: event.data.text.replace(FAULT, '').trim() } }
    : event;

/** A decider sees no text, and its state is what it is: this one fails on turns with intents that are made for it. */
const withFaultyDecisions = (fn: typeof policy): typeof policy => ({
  ...fn,
  decide(state, context) {
    const intent = state.turns.find((turn) => !turn.decided)?.intent;
    if (intent?.kind === 'classified') {
      if (intent.name === POLICY_DIES) process.kill(process.pid, 'SIGKILL');
      if (intent.name === POLICY_FAILS) throw new Error('armed to fail');
    }
    return fn.decide(state, context);
  },
});

async function suffer(fault: Fault | undefined): Promise<void> {
  switch (fault) {
    case 'hangs':
      return new Promise(() => undefined);
    case 'fails':
      throw new Error('armed to fail');
    case 'dies':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'dawdles':
      return delay(300);
    case undefined:
      return;
  }
}
