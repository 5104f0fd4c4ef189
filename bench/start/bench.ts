import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paint } from '../../cli/terminal.ts';
import type { Draft } from '../../events/define.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { groupsOf } from '../../functions/index.ts';
import { groupRole } from '../../shared/access/roles.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { startStore, durabilityOf } from '../lib/broker.ts';
import { A_NUMBER, below, oneOf, type Bench, type Figure } from '../lib/bench.ts';
import { entries } from '../lib/build.ts';
import { startChild } from '../lib/children.ts';
import { eventOf, nextSession } from '../lib/events.ts';
import { latencies, type Latencies } from '../lib/latencies.ts';

const COMPILE_CACHE = join('node_modules', '.cache', 'turnstream-bench', 'compile-cache');
const LIMIT_MS = 20_000;
/** The first fills the compile cache, which an image brings along. */
const WARM_UP = 2;

/** Functions that answer an utterance by themselves, and what each emits. */
const FUNCTIONS = [
  { name: 'entity', emits: ['entities.extracted'], goal: below(150) },
  { name: 'intent', emits: ['intent.classified', 'intent.not-recognised'], goal: undefined },
] as const;

/** From nothing to the first event in the log: what a scale from zero costs on top of the platform's own part. */
export const start: Bench = {
  name: 'start',
  summary: 'from the start of a function process to the first event that it has handled',
  options: {
    times: { help: 'starts of each function', default: '20', like: A_NUMBER },
    from: { help: 'build or sources', default: 'build', like: oneOf('build', 'sources') },
  },

  async run(context) {
    const times = context.quick ? 3 : Number(context.option('times'));
    const entryOf = await entries(context.option('from') === 'sources' ? 'sources' : 'build');
    await rm(COMPILE_CACHE, { recursive: true, force: true });
    const store = await startStore(1, 'default', 'hop-by-hop');
    context.atEnd(() => store.stop());
    const bot = (await loadBots('bots')).values().next().value;
    if (!bot) throw new Error('there is no bot to start with');
    await publishBot(store.nc, bot);
    const log = jetstreamLog(store.nc);
    const tail = tailOf(log);
    const ref = { name: bot.name, hash: bot.hash };

    const bare = await timesOf(times, () => bareNode());
    const figures: Figure[] = [...percentiles('Node itself, which does nothing', bare)];
    for (const { name, emits, goal } of FUNCTIONS) {
      const group = groupsOf('hop-by-hop').find((g) => g.name === name);
      if (!group) throw new Error(`there is no function ${name}`);
      const ready = latencies();
      const handled = await timesOf(times, async () => {
        const session = nextSession();
        const write = (draft: Draft) => tail.append(eventOf(session, draft));
        await write(sessionOpened({ channel: 'bench', bot: ref }));
        const answered = happens(log, emits, session);
        await write(
          utteranceReceived({ text: 'where is my parcel TS12345678', locale: 'en', channel: 'bench', bot: ref }),
        );
        const began = performance.now();
        const starting = startChild({
          name,
          args: [entryOf(name)],
          env: {
            ...store.env(groupRole(group)),
            NODE_COMPILE_CACHE: COMPILE_CACHE,
            TURNSTREAM_OPS_HOST: '127.0.0.1',
            TURNSTREAM_OPS_PORT: '0',
          },
          isReady: (line) => line.includes('"msg":"ready"'),
        }).then((child) => ({ child, at: performance.now() }));
        const took = (await answered) - began;
        const { child, at } = await starting;
        ready.add(at - began);
        await child.stop();
        return took;
      });
      figures.push(
        ...percentiles(`${name}: until it says that it is ready`, ready),
        ...percentiles(`${name}: until its first event is in the log`, handled, goal),
      );
      context.say(
        `${name.padEnd(10)} p50 ${handled.percentile(50).toFixed(0)} ms   ${paint('dim', `p95 ${handled.percentile(95).toFixed(0)} ms`)}`,
      );
    }
    return {
      durability: durabilityOf(1, 'default'),
      figures,
      notes: [
        'Bundled, with the compile cache that an image brings along. The rest is the start of Node, the loading of one file, the connection to the log and two round trips before the first delivery.',
      ],
    };
  },
};

async function timesOf(count: number, run: () => Promise<number>): Promise<Latencies> {
  const all = latencies();
  for (let i = -WARM_UP; i < count; i++) {
    const ms = await run();
    if (i >= 0) all.add(ms);
  }
  return all;
}

async function bareNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - began;
}

/** The moment at which an event of one of these types is stored in a session. */
function happens(
  log: ReturnType<typeof jetstreamLog>,
  types: readonly string[],
  { tenant, session }: ReturnType<typeof nextSession>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      following.stop();
      reject(new Error(`nothing of ${types.join(', ')} within ${LIMIT_MS / 1_000} s`));
    }, LIMIT_MS);
    const following = log.follow({ tenant, session, types }, () => {
      clearTimeout(timer);
      following.stop();
      resolve(performance.now());
    });
  });
}

const percentiles = (name: string, times: Latencies, goal?: ReturnType<typeof below>): readonly Figure[] =>
  [50, 95].map((p) => ({ name: `${name}, p${p}`, value: times.percentile(p), unit: 'ms', ...(goal && { goal }) }));
