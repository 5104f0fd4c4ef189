import type { NatsConnection } from '@nats-io/nats-core';
import { number, paint } from '../../cli/terminal.ts';
import { policy } from '../../functions/policy/handler.ts';
import type { AnyDecider } from '../../shared/function/define.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { recall, sessionCache } from '../../shared/runtime/recall.ts';
import { stateHash } from '../../shared/runtime/seal.ts';
import { startBroker } from '../../shared/testing/broker.ts';
import { atMost, below, type Bench, type BenchContext, type Figure } from '../lib/bench.ts';
import { latencies } from '../lib/latencies.ts';
import { storyOf, type Story } from '../lib/story.ts';
import { filler } from './fill.ts';

/** Sessions of each length: fewer of the long ones, since each takes a while to write. */
const SAMPLES = [
  { events: 20, sessions: 100, goal: below(1) },
  { events: 200, sessions: 20, goal: undefined },
  { events: 2_000, sessions: 4, goal: below(2) },
] as const;
const STEPS = 400;
/** Sessions that are also folded from their beginning. */
const WHOLE = 4;

/** How long a decider waits for the state of a session that its process has never seen. */
export const rebuild: Bench = {
  name: 'rebuild',
  summary: 'a session of 20, 200 and 2,000 events rebuilt, in streams of 1,000 to 1,000,000 sessions',
  options: {
    sessions: {
      help: 'sizes of the stream, rising',
      default: '1000,100000,1000000',
      like: /^[1-9]\d{2,7}(?:,[1-9]\d{2,7})*$/u,
    },
  },

  async run(context) {
    const sizes = context.quick ? [1_000, 20_000] : context.option('sessions').split(',').map(Number);
    const broker = await startBroker();
    context.atEnd(() => broker.stop());
    const nc = await broker.nc({ noAsyncTraces: true });
    await provision(nc, { replicas: 1, durables: [] });
    const figures: Figure[] = [];
    const medians: number[][] = [];
    let held = 0;
    for (const size of sizes) {
      const stories = await grow(nc, size - held, context, `sessions more, up to ${number(size)}`);
      held = size;
      await check(nc, stories);
      medians.push(await measure(nc, size, stories, context, figures));
    }
    const [first = [], last = []] = [medians.at(0), medians.at(-1)];
    for (const [i, { events }] of SAMPLES.entries()) {
      const name = `${number(events)} events, ${number(sizes.at(-1) ?? 0)} against ${number(sizes[0] ?? 0)} sessions`;
      figures.push({ name, value: (last[i] ?? NaN) / (first[i] ?? NaN), unit: 'times', goal: atMost(2) });
    }
    return {
      durability: 'R1, sync default (every two minutes)',
      figures,
      notes: [
        'One request for the newest event of each type gives the snapshot and, as a rule, everything after it; what is missing is read by position.',
        'Nothing is remembered between two rebuilds. Without the snapshot (after a change of the rules), events come one by one, newest first.',
      ],
    };
  },
};

/** Lets the stream grow by a number of sessions, and the sampled ones with it: their turns lie far apart. */
async function grow(
  nc: NatsConnection,
  sessions: number,
  context: BenchContext,
  what: string,
): Promise<readonly (readonly Story[])[]> {
  const log = jetstreamLog(nc);
  const fill = filler(nc);
  const stories = SAMPLES.map(({ events, sessions: count }) =>
    Array.from({ length: count }, () => storyOf(log, events)),
  );
  const progress = context.progress(what);
  const every = Math.max(1, Math.floor(sessions / STEPS));
  for (let step = 0; step < STEPS; step++) {
    await fill(every);
    progress.show(step / STEPS, step * every);
    for (const [i, { events }] of SAMPLES.entries()) {
      // Short sessions take a step now and then, so that all reach their end at the end.
      const due = Math.floor(((step + 1) * events) / 2_000) > Math.floor((step * events) / 2_000);
      if (due) await Promise.all((stories[i] ?? []).map((s) => s.next()));
    }
  }
  for (const story of stories.flat()) while (await story.next());
  progress.done();
  return stories;
}

async function measure(
  nc: NatsConnection,
  size: number,
  stories: readonly (readonly Story[])[],
  context: BenchContext,
  figures: Figure[],
): Promise<number[]> {
  const log = jetstreamLog(nc);
  const cold = sessionCache(0);
  const { fold }: AnyDecider = policy;
  /** Rules of another version cannot use a snapshot. */
  const renewed = { ...fold, version: 'renewed' };
  const rounds = context.quick ? 200 : 2_000;
  const medians: number[] = [];
  for (const [i, { events, goal }] of SAMPLES.entries()) {
    const of = stories[i] ?? [];
    const time = async (story: Story, by = fold): Promise<number> => {
      const began = performance.now();
      await recall(log, cold, by, story.ref, story.woken());
      return performance.now() - began;
    };
    // The first time, the server fetches what it needs from its disk.
    const first = latencies();
    for (const story of of) first.add(await time(story));
    const times = latencies();
    for (let round = 0; round < rounds; round++) {
      const story = of[round % of.length];
      if (story) times.add(await time(story));
    }
    const whole = latencies();
    for (const story of of.slice(0, WHOLE)) whole.add(await time(story, renewed));

    const [p50, p99] = [times.percentile(50), times.percentile(99)];
    medians.push(p50);
    const name = `${number(events)} events among ${number(size)} sessions`;
    figures.push(
      { name: `${name}, p50`, value: p50, unit: 'ms', ...(goal && { goal }) },
      { name: `${name}, p99`, value: p99, unit: 'ms' },
      { name: `${name}, the first time, p50`, value: first.percentile(50), unit: 'ms' },
      { name: `${name}, without the snapshot, p50`, value: whole.percentile(50), unit: 'ms' },
    );
    const rest = `p99 ${p99.toFixed(2)} ms, without the snapshot ${whole.percentile(50).toFixed(1)} ms`;
    context.say(`${name.padEnd(42)} p50 ${p50.toFixed(2)} ms   ${paint('dim', rest)}`);
  }
  return medians;
}

/** Fails unless the sessions have the length that they are measured for, and come back as they were written. */
async function check(nc: NatsConnection, stories: readonly (readonly Story[])[]): Promise<void> {
  const log = jetstreamLog(nc);
  const { fold }: AnyDecider = policy;
  for (const [i, { events }] of SAMPLES.entries()) {
    const story = stories[i]?.[0];
    if (!story) continue;
    const all = await readSession(log, story.ref);
    if (all.length !== events) throw new Error(`a session has ${all.length} events instead of ${events}`);
    const quick = await recall(log, sessionCache(0), fold, story.ref, story.woken());
    const whole = await recall(log, sessionCache(0), { ...fold, version: 'whole' }, story.ref, story.woken());
    if (stateHash(quick.state) !== stateHash(whole.state)) throw new Error('snapshot and whole history differ');
  }
}
