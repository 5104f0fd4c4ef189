import { arrivals } from '../lib/arrivals.ts';
import { connectionPool } from '../lib/http-connection.ts';
import type { FromLoad, LoadOrder, LoadResult, ToLoad } from './protocol.ts';
import { talkOver, type Talk } from './talk.ts';

// The load generator, a process of its own: what it uses of the processor is counted apart.
const TELL_MS = 200;
const SPREAD_MS = 10_000;

let talk: Talk | undefined;
let sessions = 0;
const tell = (message: FromLoad): void => void process.send?.(message);

process.on('message', (message: ToLoad) => {
  if ('setup' in message) {
    talk = talkOver(connectionPool(message.setup.port), message.setup);
    sessions = message.setup.sessions.length;
    tell({ ready: true });
    return;
  }
  if (!talk) return;
  const talking = talk;
  const telling = setInterval(() => {
    tell({ done: talking.settled() });
  }, TELL_MS);
  perform(talking, message.order).then(
    (result) => {
      clearInterval(telling);
      tell({ result });
    },
    (error: unknown) => {
      tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});
process.on('disconnect', () => process.exit(0));

async function perform(talking: Talk, order: LoadOrder): Promise<LoadResult> {
  const began = performance.now();
  if (order.kind === 'open') await atRate(talking, order);
  else await byUsers(talking, order);
  return talking.close(performance.now() - began);
}

/** Sessions take turns. One that still waits for an answer is passed over: a customer does not talk over the bot. */
async function atRate(talking: Talk, { perSecond, turns }: Extract<LoadOrder, { kind: 'open' }>): Promise<void> {
  const busy = new Set<number>();
  const running = new Set<Promise<unknown>>();
  let next = 0;
  const free = (): number => {
    for (let tries = 0; tries < sessions; tries++) {
      const session = next;
      next = (next + 1) % sessions;
      if (!busy.has(session)) return session;
    }
    return next;
  };
  await arrivals({ perSecond, count: turns }, (_index, intended) => {
    const session = free();
    busy.add(session);
    const turn = talking.turn(session, intended).finally(() => {
      busy.delete(session);
      running.delete(turn);
    });
    running.add(turn);
  });
  await Promise.all(running);
}

async function byUsers(talking: Talk, order: Extract<LoadOrder, { kind: 'users' }>): Promise<void> {
  const { users, seconds } = order;
  const [least, most] = order.thinkMs;
  const end = performance.now() + seconds * 1_000;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const user = async (session: number) => {
    // They do not all come through the door at once: each opens a session first.
    if (most > 0) await pause(Math.random() * SPREAD_MS);
    while (performance.now() < end) {
      const { retryAfterMs } = await talking.turn(session, performance.now());
      const thinking = least + Math.random() * (most - least);
      if (thinking + retryAfterMs > 0) await pause(thinking + retryAfterMs);
    }
  };
  await Promise.all(Array.from({ length: users }, (_, i) => user(i)));
}
