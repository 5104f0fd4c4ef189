import { setTimeout as delay } from 'node:timers/promises';
import { endings } from '../../events/catalogue.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { arrivals } from '../lib/arrivals.ts';
import { eventOf, nextSession } from '../lib/events.ts';
import { latencies, type Latencies } from '../lib/latencies.ts';
import { QUERIES } from '../lib/queries.ts';
import type { Ground } from './stand.ts';

const AT_ONCE = 64;
/** How long the last turns may take before they are taken for lost. */
const PATIENCE_MS = 30_000;

/** What came of a time of talking. */
export interface Talked {
  readonly sent: number;
  /** From the moment at which each turn was to be said to its ending. */
  readonly latencies: Latencies;
  /** Turns that were accepted and had no ending in the end. */
  readonly lost: number;
  /** What the log did not accept. */
  readonly refused: number;
}

/** Customers who write into the log as the gateway would, and hear of their endings by the bell. */
export interface Customers {
  /** Opens sessions. */
  open(count: number): Promise<readonly SessionRef[]>;
  /** Says something in a session and resolves with the time until it is answered. */
  say(session: SessionRef): Promise<number>;
  /** Turns at a constant rate, spread over the sessions; one that waits for an answer says nothing. */
  talk(sessions: readonly SessionRef[], perSecond: number, seconds: number): Promise<Talked>;
  /** What is wrong in the log of these sessions: everything that `turnstream verify` looks at. */
  verify(sessions: readonly SessionRef[]): Promise<readonly string[]>;
  stop(): void;
}

export function customers({ store, bot }: Ground): Customers {
  const log = jetstreamLog(store.nc);
  const tail = tailOf(log);
  const ref = { name: bot.name, hash: bot.hash };
  const waiting = new Map<string, () => void>();
  const following = log.follow({ types: endings.map(({ type }) => type) }, ({ envelope }) => {
    waiting.get(envelope.turn ?? '')?.();
  });
  let said = 0;
  const begin = (session: SessionRef, onEnd: () => void) => {
    const text = QUERIES[said++ % QUERIES.length] ?? '';
    const event = eventOf(session, utteranceReceived({ text, locale: 'en', channel: 'bench', bot: ref }));
    waiting.set(event.id, () => {
      waiting.delete(event.id);
      onEnd();
    });
    return { event, stored: tail.append(event) };
  };

  return {
    async open(count) {
      const sessions = Array.from({ length: count }, nextSession);
      await inLanes(sessions, async (session) => {
        await tail.append(eventOf(session, sessionOpened({ channel: 'bench', bot: ref })));
      });
      return sessions;
    },
    say(session) {
      const began = performance.now();
      return new Promise((resolve, reject) => {
        const onEnd = () => {
          resolve(performance.now() - began);
        };
        begin(session, onEnd).stored.catch(reject);
      });
    },
    async talk(sessions, perSecond, seconds) {
      const times = latencies();
      const free = [...sessions];
      const open = new Set<string>();
      let refused = 0;
      let sent = 0;
      await arrivals({ perSecond, count: perSecond * seconds }, (_index, intended) => {
        const session = free.shift();
        if (!session) {
          refused++;
          return;
        }
        sent++;
        const { event, stored } = begin(session, () => {
          times.add(performance.now() - intended);
          open.delete(event.id);
          free.push(session);
        });
        open.add(event.id);
        stored.catch(() => {
          refused++;
          open.delete(event.id);
        });
      });
      const until = performance.now() + PATIENCE_MS;
      while (open.size > 0 && performance.now() < until) await delay(20);
      return { sent, latencies: times, lost: open.size, refused };
    },
    async verify(sessions) {
      const wrong: string[] = [];
      await inLanes(sessions, async (session) => {
        const events = await readSession(log, session);
        wrong.push(...checkSession(events).map(({ rule, message }) => `${rule}: ${message}`));
      });
      return wrong;
    },
    stop() {
      following.stop();
    },
  };
}

async function inLanes<T>(all: readonly T[], run: (each: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let one = all[next++]; one !== undefined; one = all[next++]) await run(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
