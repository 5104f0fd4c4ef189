import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { paint } from '../../cli/terminal.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { publishModel } from '../../shared/models/publish.ts';
import { A_NUMBER, below, oneOf, someOf, type Bench, type Figure } from '../lib/bench.ts';
import { durabilityOf, startStore, type Store } from '../lib/broker.ts';
import { COMPILE_CACHE, entries } from '../lib/build.ts';
import { startChild } from '../lib/children.ts';
import { latencies, type Latencies } from '../lib/latencies.ts';
import { bundleBytes } from './bundle.ts';
import { CASES, cases, type Case } from './cases.ts';

/** The first fills the compile cache, which an image brings along. */
const WARM_UP = 2;

/** What one start was like, in milliseconds and bytes. */
interface Start {
  readonly readyMs: number;
  readonly handledMs: number;
  readonly memory: number;
  /** Where the time until it was ready went, as the process itself tells. */
  readonly took: Readonly<Record<string, number>>;
}

/** From nothing to the first event handled: what a scale from zero costs on top of the platform's own part. */
export const coldstart: Bench = {
  name: 'coldstart',
  summary: 'from the start of each function process to ready and to its first event handled; memory, bundle, parts',
  options: {
    times: { help: 'starts of each function', default: '20', like: A_NUMBER },
    from: { help: 'build or sources', default: 'build', like: oneOf('build', 'sources') },
    of: { help: `${CASES.join(', ')}, or several with commas`, default: CASES.join(','), like: someOf(...CASES) },
  },

  async run(context) {
    const times = context.quick ? 3 : Number(context.option('times'));
    const isBuilt = context.option('from') === 'build';
    const entryOf = await entries(isBuilt ? 'build' : 'sources');
    const store = await startStore(1, 'default', 'hop-by-hop');
    context.atEnd(() => store.stop());
    const bot = (await loadBots('bots')).get('shop-helpdesk');
    if (!bot) throw new Error('there is no bot to start with');
    await publishBot(store.nc, bot);
    // As `turnstream provision` leaves it: no process trains anything.
    await publishModel(store.nc, bot);

    const bare = latencies();
    for (let i = 0; i < times; i++) bare.add(await bareNode());
    const figures: Figure[] = percentiles('Node itself, which does nothing', bare);
    const wanted = context.option('of').split(',');
    const all = await cases(store, bot, (end) => {
      context.atEnd(end);
    });
    for (const one of all.filter(({ name }) => wanted.includes(name))) {
      const starts: Start[] = [];
      for (let i = -WARM_UP; i < times; i++) {
        const start = await measure(one, entryOf(one.name), store);
        if (i >= 0) starts.push(start);
      }
      const handled = latencies(starts.map((s) => s.handledMs));
      const bytes = isBuilt ? await bundleBytes(entryOf(one.name)) : 0;
      const memory = latencies(starts.map((s) => s.memory)).percentile(50);
      figures.push(
        ...percentiles(`${one.name}: until it says that it is ready`, latencies(starts.map((s) => s.readyMs))),
        ...percentiles(`${one.name}: until its first event is handled`, handled, one.goal),
        { name: `${one.name}: memory after it`, value: memory / 2 ** 20, unit: 'MiB' },
        ...(isBuilt ? [{ name: `${one.name}: bundle that is loaded at once`, value: bytes / 1_024, unit: 'KiB' }] : []),
        ...parts(one.name, starts),
      );
      const where = parts(one.name, starts).map(
        ({ name, value }) => `${name.split(', ')[1] ?? ''} ${value.toFixed(0)}`,
      );
      context.say(
        `${one.name.padEnd(10)} p50 ${handled.percentile(50).toFixed(0)} ms   ` +
          paint('dim', `p95 ${handled.percentile(95).toFixed(0)} ms; until ready: ${where.join(', ')}`),
      );
    }
    return {
      durability: durabilityOf(1, 'default'),
      figures,
      notes: [
        'Bundled, with the compile cache that an image brings along; on the durable consumer. Node: until the first line of a program runs. load: reading and running the bundle. connect, verify: the log. begin: models, the consumer, the first pull.',
      ],
    };
  },
};

async function measure({ name, role, env, prepare }: Case, entry: string, store: Store): Promise<Start> {
  const { handled } = await prepare();
  const began = performance.now();
  const [child, handledMs] = await Promise.all([
    startChild({
      name,
      args: [entry],
      env: {
        ...store.env(role),
        ...env,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        TURNSTREAM_OPS_HOST: '127.0.0.1',
        TURNSTREAM_OPS_PORT: '0',
      },
      isReady: (line) => line.includes('"msg":"ready"'),
    }).then((started) => ({ ...started, at: performance.now() })),
    handled.then(() => performance.now() - began),
  ]);
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
  const memory = Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1] ?? NaN) * 1_024;
  const { took } = JSON.parse(child.ready) as Pick<Start, 'took'>;
  await child.stop();
  return { readyMs: child.at - began, handledMs, memory, took };
}

async function bareNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - began;
}

const percentiles = (name: string, times: Latencies, goal?: number): Figure[] => [
  { name: `${name}, p50`, value: times.percentile(50), unit: 'ms' },
  { name: `${name}, p95`, value: times.percentile(95), unit: 'ms', ...(goal !== undefined && { goal: below(goal) }) },
];

const parts = (name: string, starts: readonly Start[]): readonly Figure[] =>
  Object.keys(starts[0]?.took ?? {}).map((part) => ({
    name: `${name}: until ready, ${part}, p50`,
    value: latencies(starts.map(({ took }) => took[part] ?? 0)).percentile(50),
    unit: 'ms',
    detail: true,
  }));
