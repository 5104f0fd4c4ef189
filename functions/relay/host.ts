import type { NatsConnection } from '@nats-io/nats-core';
import { sessionOpened } from '../../events/session.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import type { DeadLetters } from '../../shared/log/dead-letters.ts';
import { bellSubjects } from '../../shared/log/subjects.ts';
import { pulling, type Pulled, type Pulling, type Running, type Worked } from '../../shared/runtime/deliveries.ts';
import { guarded } from '../../shared/runtime/guarded.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import { client } from './client.ts';
import { judge } from './judge.ts';
import { requestOf, type Message, type RelayRequest } from './request.ts';
import { warmth } from './warmth.ts';

/** A function in the same cluster is soon back, and asking costs little. */
const BREAKER = { volumeThreshold: 20, resetMs: 500, windowMs: 6_000 };
/** How long a delivery is kept for a function that is away. Another relay may have a way to it. */
const PATIENCE_MS = 30_000;

/**
 * What was lost once comes again beside others: mostly a pod has gone, with all that it had. Few at a time, since one of
 * them may be what it has died of.
 */
const SHARE_OF_AGAIN = 0.125;

export interface RelayOptions {
  readonly nc: NatsConnection;
  /** Where each group of functions is, by its name. */
  readonly targets: ReadonlyMap<string, URL>;
  /** Groups that some turns need: started beforehand once the others run, since on few processors they would hold them up. */
  readonly later?: readonly string[];
  /** Groups that are not started beforehand. */
  readonly seldom?: readonly string[];
  readonly deadLetters: DeadLetters;
  /** Requests to each group at a time. */
  readonly concurrency: number;
  /** How long a function may take to answer. */
  readonly deadlineMs: number;
  readonly watch: Watching['relayWatch'];
  readonly now: () => Date;
}

/**
 * Takes events from the durable consumers of groups and posts them to where the groups are, so that their requests
 * drive a platform's own scaling. What is done is acknowledged, and nothing else is. Any number of relays share the work.
 */
export async function relayHost(options: RelayOptions): Promise<Running> {
  const { nc, targets, later = [], seldom = [], deadLetters, concurrency, deadlineMs, watch, now } = options;
  const groups = [...targets.keys()].filter((group) => !later.includes(group) && !seldom.includes(group));
  const out = client(concurrency);
  const guard = breakers(BREAKER);
  const warm = warmth(() => performance.now());

  /** Wakes groups side by side; resolves when they have answered. */
  const warmUp = async (m: Message, subject: string, position: number, some: readonly string[]) => {
    const [, , tenant = ''] = subject.split('.');
    const wake = async (group: string) => {
      const target = targets.get(group);
      if (!target || guard.stateOf(group) !== 'closed') return;
      const began = performance.now();
      // What cannot be posted is told of when it is delivered.
      const post = async () => out.post(target, 'warm', requestOf(m, subject, position, 1), deadlineMs);
      const answer = await guarded(post);
      if (answer.kind !== 'answered') return;
      warm.answered(group);
      watch.relayed(group, 'warmed', performance.now() - began);
    };
    await Promise.all(warm.due(some, tenant).map(wake));
  };

  const post = async (group: string, target: URL, request: RelayRequest, { m, runs, attempt }: Pulled) => {
    const began = performance.now();
    const answer = await out.post(target, '', request, deadlineMs);
    const tried = { position: m.seq, runs, attempt, now: now(), chance: Math.random() };
    const { worked, isFault, label } = judge(answer, tried);
    watch.relayed(group, label, performance.now() - began);
    if (isFault) throw new Fault(worked);
    warm.answered(group);
    return worked;
  };
  const relay = (group: string, target: URL) => async (pulled: Pulled) => {
    const { m, attempt } = pulled;
    const request = requestOf(m, m.subject, m.seq, attempt);
    // Where this one has to start from zero, those after it in the chain have to as well: all at once.
    if (warm.isCold(group)) {
      const others = groups.filter((g) => g !== group && warm.isCold(g));
      void warmUp(m, m.subject, m.seq, others);
    }
    return guard(group, () => post(group, target, request, pulled)).catch((error: unknown) => {
      if (error instanceof Fault) return error.worked;
      throw error;
    });
  };

  const againAtATime = Math.ceil(concurrency * SHARE_OF_AGAIN);
  const pulls = new Map<string, Pulling>();
  for (const [group, target] of targets) {
    const work = relay(group, target);
    const durable = durableOf({ name: group });
    pulls.set(
      group,
      await pulling({ nc, durable, work, deadLetters, concurrency, againAtATime, patienceMs: PATIENCE_MS }),
    );
  }
  watch.watchRelay(() =>
    [...pulls].map(([group, pull]) => {
      const { begun, waiting } = pull.state();
      return { group, inFlight: begun, waiting, breaker: guard.stateOf(group) };
    }),
  );
  // A bell promises nothing: what is missed costs one turn the start of its functions.
  const bells = bellSubjects({ types: [sessionOpened.type] }).map((subject) =>
    nc.subscribe(subject, {
      queue: 'relay',
      callback: (_error, m) => {
        const [subject, position] = [m.headers?.get('Nats-Subject') ?? '', Number(m.headers?.get('Nats-Sequence'))];
        void warmUp(m, subject, position, groups).then(() => warmUp(m, subject, position, later));
      },
    }),
  );
  await nc.flush();

  return {
    async stop() {
      for (const bell of bells) bell.unsubscribe();
      await Promise.all([...pulls.values()].map((pull) => pull.stop()));
      out.close();
    },
  };
}

/** What a breaker is to count, with what became of the delivery. */
class Fault extends Error {
  readonly worked: Worked;

  constructor(worked: Worked) {
    super('the function is not as it should be');
    this.worked = worked;
  }
}
