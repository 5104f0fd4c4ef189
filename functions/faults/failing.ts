import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationEvent } from '../../events/catalogue.ts';
import type { AnyFunction, AnyReaction } from '../../shared/function/define.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import type { policy } from '../policy/handler.ts';

/** What goes wrong with functions that see the text, where a customer says so: `[intent hangs]`, `[entity dies]`. */
const FAULT = /\[(\w+) (hangs|fails|dies|dawdles)\]/gu;

/** What a customer wants on whose turn another function goes wrong. */
export const POLICY_FAILS = 'policy_fails';
export const POLICY_DIES = 'policy_dies';
export const REPLY_FAILS = 'reply_fails';

const DAWDLE_MS = 300;

/** The same functions, going wrong where they are told to. */
export const failing = (group: Group): Group => ({ ...group, functions: group.functions.map(withFaults) });

function withFaults(fn: AnyFunction): AnyFunction {
  if (fn.kind === 'decider') return withFaultyDecisions(fn as typeof policy);
  const handle: AnyReaction['handle'] = async (given, context) => {
    const event = given as ConversationEvent;
    if (event.type === 'policy.decided' && event.data.why.intent === REPLY_FAILS) throw armed();
    if (event.type !== 'utterance.received') return fn.handle(event, context);
    const { text } = event.data;
    await suffer([...text.matchAll(FAULT)].find(([, name]) => name === fn.name)?.[2]);
    const meant = { ...event, data: { ...event.data, text: text.replace(FAULT, '').trim() } };
    return fn.handle(meant, context);
  };
  return { ...fn, handle };
}

const withFaultyDecisions = (fn: typeof policy): typeof policy => ({
  ...fn,
  decide(state, context) {
    const intent = state.turns.find((turn) => !turn.decided)?.intent;
    if (intent?.kind === 'classified') {
      if (intent.name === POLICY_DIES) process.kill(process.pid, 'SIGKILL');
      if (intent.name === POLICY_FAILS) throw armed();
    }
    return fn.decide(state, context);
  },
});

async function suffer(fault: string | undefined): Promise<void> {
  switch (fault) {
    case 'hangs':
      return new Promise(() => undefined);
    case 'fails':
      throw armed();
    case 'dies':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'dawdles':
      return delay(DAWDLE_MS);
    case undefined:
    default:
      return undefined;
  }
}

const armed = () => new Error('armed to fail');
