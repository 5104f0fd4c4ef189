import type { ConversationEvent } from '../../events/catalogue.ts';
import { policy } from '../../functions/policy/handler.ts';
import { conversation } from '../../functions/policy/testing/conversation.ts';
import { deskBot } from '../../functions/policy/testing/desk-bot.ts';
import { assembleBot } from '../../shared/bot/assemble.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { parseBot } from '../../shared/bot/parse.ts';
import { programOf } from '../../shared/bot/program.ts';
import { stateHash } from '../../shared/runtime/seal.ts';
import { dialogue } from '../../shared/session/fold.ts';
import { below, type Bench, type Figure } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';
import { largeBot } from './large-bot.ts';

const FLOWS = 100;
const INTENTS = 150;
const EVENTS = 200;
const ROUNDS = 2_000;
const LOADS = 5;

/** What the policy costs by itself: no log, no model, one thread. */
export const dialogueBench: Bench = {
  name: 'dialogue',
  summary: 'a decision on a session of 200 events, and loading and checking a bot of 100 flows and 150 intents',
  options: {},

  run({ quick }) {
    const rounds = quick ? 100 : ROUNDS;
    const { bot, events } = longSession();
    const before = events.reduce(dialogue.evolve, dialogue.initial);
    const decide = () => policy.decide(before, { now: new Date(0), bot });
    if (!decide()) throw new Error('there is nothing to decide');
    const figures: Figure[] = [
      { name: 'a decision, on the state', value: cpuOf(rounds, decide), unit: 'ms CPU', goal: below(1) },
      { name: 'a decision, with its hash', value: cpuOf(rounds, () => [decide(), stateHash(before)]), unit: 'ms CPU' },
      {
        name: `a decision, after folding ${EVENTS} events from the beginning`,
        value: cpuOf(rounds, () => [events.reduce(dialogue.evolve, dialogue.initial), decide()]),
        unit: 'ms CPU',
        goal: below(1),
      },
      {
        name: 'the state of that session',
        value: JSON.stringify(before).length,
        unit: 'characters',
        goal: below(4_096),
      },
      ...loading(quick ? 1 : LOADS),
    ];
    return Promise.resolve({ durability: 'nothing is stored', figures });
  },
};

/** A conversation in which most things happen, up to a turn that is understood and not decided. */
function longSession(): { readonly bot: Bot; readonly events: readonly ConversationEvent[] } {
  const bot = deskBot();
  const c = conversation(bot);
  for (let i = 0; c.events.length < EVENTS - 4; i++) {
    const order_number = `TS${String(i % 10_000).padStart(4, '0')}`;
    c.say('a refund', { intent: 'refund' });
    c.say('and my parcel', { intent: 'track', entities: { order_number } });
    c.say('thanks', { intent: 'thank' });
    c.say('stop', { intent: 'cancel_flow' });
  }
  const events = c.events.slice(0, EVENTS);
  const last = events.findLastIndex((event) => event.type === 'policy.decided' && event.turn !== undefined);
  return { bot, events: events.slice(0, last) };
}

function loading(times: number): readonly Figure[] {
  const texts = largeBot(FLOWS, INTENTS);
  const checked = latencies();
  const loaded = latencies();
  for (let i = 0; i < times; i++) {
    const bot = timed(checked, () => assembleBot(texts));
    if (!('hash' in bot)) throw new Error(bot.map(({ message }) => message).join('\n'));
    const stored = JSON.stringify(bot);
    timed(loaded, () => programOf(parseBot(stored)));
  }
  const what = `${FLOWS} flows and ${INTENTS} intents`;
  return [
    { name: `${what}, read and checked`, value: checked.max(), unit: 'ms', goal: below(3_000) },
    { name: `${what}, loaded as published`, value: loaded.max(), unit: 'ms', goal: below(1_000) },
  ];
}

function timed<T>(into: ReturnType<typeof latencies>, run: () => T): T {
  const started = performance.now();
  const result = run();
  into.add(performance.now() - started);
  return result;
}

/** The processor time of one round, in milliseconds. */
function cpuOf(rounds: number, run: () => unknown): number {
  for (let i = 0; i < rounds / 10; i++) run();
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / rounds;
}
