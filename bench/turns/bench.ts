import { setTimeout as delay } from 'node:timers/promises';
import { number, paint } from '../../cli/terminal.ts';
import type { Hosting } from '../../functions/index.ts';
import {
  A_NUMBER,
  atMost,
  below,
  oneOf,
  someOf,
  type Bench,
  type BenchContext,
  type Figure,
  type Goal,
} from '../lib/bench.ts';
import { durabilityOf, type Replicas, type Sync } from '../lib/broker.ts';
import { entries, type EntryOf } from '../lib/build.ts';
import { cpuMeter } from '../lib/cpu.ts';
import { endings } from '../lib/endings.ts';
import { deploy, type Deployment } from '../lib/deployment.ts';
import { latencies } from '../lib/latencies.ts';
import { startLoad, type LoadGenerator } from '../lib/load-generator.ts';
import { openSessions } from '../lib/sessions.ts';
import { QUERIES } from '../lib/queries.ts';
import type { LoadResult, LoadSession } from '../load/protocol.ts';
import { complaint, startReaders } from './readers.ts';

const SESSIONS = 2_000;
const READ_SESSIONS = 20;
/** Requests under way while the capacity is looked for. */
const AT_ONCE = 128;
const SHARE = 0.7;
const READ_LIMIT_MS = 10_000;
/** The longest that the turns of one combination may take, so that a slow store takes minutes and not hours. */
const FIRST_S = 300;
const OTHER_S = 15;
const QUICK_S = 8;

interface Combination {
  readonly hosting: Hosting;
  readonly replicas: Replicas;
  readonly sync: Sync;
  /** Whether events are stored encrypted. */
  readonly encrypted: boolean;
}

/** The whole platform under load, from the HTTP request to the reply. */
export const turns: Bench = {
  name: 'turns',
  summary: 'turns over the HTTP API: capacity, latency at 70 % of it, errors, processor time of each part',
  options: {
    turns: { help: 'turns at 70 % of the capacity, first combination', default: '100000', like: A_NUMBER },
    'other-turns': { help: 'the same for each further combination', default: '8000', like: A_NUMBER },
    hosting: {
      help: 'chained, hop-by-hop, or both with a comma',
      default: 'chained,hop-by-hop',
      like: someOf('chained', 'hop-by-hop'),
    },
    replicas: { help: '1, 3, or both with a comma', default: '1,3', like: someOf('1', '3') },
    sync: {
      help: 'default, always, or both with a comma',
      default: 'default,always',
      like: someOf('default', 'always'),
    },
    encrypted: {
      help: 'yes, no, or both: the first combination without, then all with it',
      default: 'both',
      like: oneOf('yes', 'no', 'both'),
    },
    from: { help: 'build or sources', default: 'build', like: oneOf('build', 'sources') },
  },

  async run(context) {
    const all = combinations(context);
    const entryOf = await entries(context.option('from') === 'sources' ? 'sources' : 'build');
    const figures: Figure[] = [];
    for (const [i, combination] of all.entries()) {
      const many = Number(context.option(i === 0 ? 'turns' : 'other-turns'));
      const limitS = context.quick ? QUICK_S : i === 0 ? FIRST_S : OTHER_S;
      figures.push(...(await one(combination, { turns: many, limitS }, entryOf, context)));
    }
    return {
      durability: [...new Set(all.map(({ replicas, sync }) => durabilityOf(replicas, sync)))].join('; '),
      figures,
      notes: [
        'Load generator, two gateways, functions, nats-server and a collector of spans share this machine; capacity is what they reach together.',
        'Every request is authenticated and validated, and one turn in ten is traced.',
        'Sync always is limited by the disk: every event waits for its own fsync. R3 is limited by the processor: three servers each store every event.',
      ],
    };
  },
};

function combinations(context: BenchContext): readonly Combination[] {
  const list = (name: string) => context.option(name).split(',');
  const encrypted = context.option('encrypted') !== 'no';
  const every = list('replicas').flatMap((replicas) =>
    list('sync').flatMap((sync) =>
      list('hosting').map((hosting) => ({ hosting, replicas: Number(replicas), sync, encrypted })),
    ),
  ) as readonly Combination[];
  const plain =
    context.option('encrypted') === 'both' ? every.slice(0, 1).map((c) => ({ ...c, encrypted: false })) : [];
  return [...plain, ...every].slice(0, context.quick ? 1 : undefined);
}

async function one(
  combination: Combination,
  wanted: { readonly turns: number; readonly limitS: number },
  entryOf: EntryOf,
  context: BenchContext,
): Promise<readonly Figure[]> {
  const { hosting, replicas, sync, encrypted } = combination;
  const name = `${hosting} R${replicas} ${sync}${encrypted ? ' encrypted' : ''}`;
  const faults: unknown[] = [];
  const { add, end } = endings((error) => faults.push(error));
  context.atEnd(end);
  const deployment = await deploy({ ...combination, entryOf, gateways: 2 }, add);
  const sessions = await openSessions(deployment, SESSIONS);
  const [a] = deployment.gateways;
  const load = await startLoad({ port: a?.port ?? 0, sessions, queries: QUERIES });
  add(() => load.stop());

  // From the beginning on: to catch up with a long session first would be another load than that of following it.
  const sample = sessions.slice(0, READ_SESSIONS);
  const readers = await startReaders(deployment.gateways[1]?.port ?? 0, sample);
  add(() => {
    readers.stop();
  });

  const seconds = context.quick ? 3 : 8;
  const meter = processors(deployment, load);
  const saturate = (time: number) => load.run({ kind: 'users', users: AT_ONCE, thinkMs: [0, 0], seconds: time });
  const warm = await saturate(seconds / 2);
  meter.read();
  const full = await saturate(seconds);
  const fullCpu = perTurn(meter.read(), answered(full));
  const capacity = answered(full) / (full.ms / 1_000);

  const perSecond = Math.max(1, Math.floor(capacity * SHARE));
  const count = Math.min(wanted.turns, Math.ceil(perSecond * wanted.limitS));
  const complaintsAfter = (results: readonly LoadResult[]) =>
    readAll(() =>
      sample.map((_, i) =>
        complaint(
          readers.read()[i] ?? [],
          results.reduce((sum, { turns: of }) => sum + (of[i] ?? 0), 0),
        ),
      ),
    );
  // What was said before they came is read before the measurement begins.
  await complaintsAfter([warm, full]);
  const progress = context.progress(`turns, ${name}`);
  meter.read();
  const measured = await load.run({ kind: 'open', perSecond, turns: count }, (done) => {
    progress.show(done / count, done);
  });
  const cpu = perTurn(meter.read(), answered(measured));
  progress.done();
  const complaints = await complaintsAfter([warm, full, measured]);
  await end();
  // A process that had ended by itself: the figures are not those of the platform.
  if (faults.length > 0) throw faults[0];
  return report(name, context, combination, { capacity, fullCpu, cpu, measured, full, complaints, sample });
}

/** Waits until the readers have got everything, or long enough. */
async function readAll(look: () => readonly (string | undefined)[]): Promise<readonly string[]> {
  const until = performance.now() + READ_LIMIT_MS;
  for (;;) {
    const complaints = look().filter((c) => c !== undefined);
    if (complaints.length === 0 || performance.now() > until) return complaints;
    await delay(100);
  }
}

const processors = ({ store, gateways: [a, b], functions }: Deployment, load: LoadGenerator) =>
  cpuMeter({
    gateway: () => [a?.pid ?? 0],
    readers: () => [b?.pid ?? 0],
    functions: () => functions.map(({ pid }) => pid),
    'nats-server': store.pids,
    'load generator': () => [load.pid],
  });
type Part = keyof ReturnType<ReturnType<typeof processors>['read']>;
type Shares = Readonly<Record<Part, number>>;

const perTurn = (micros: Shares, count: number): Shares =>
  Object.fromEntries(Object.entries(micros).map(([part, us]) => [part, us / count])) as Shares;

const answered = (result: LoadResult): number => result.latencies.length;
const platform = (cpu: Shares): number => cpu.gateway + cpu.functions + cpu['nats-server'];

interface Measured {
  readonly capacity: number;
  readonly fullCpu: Shares;
  readonly cpu: Shares;
  readonly full: LoadResult;
  readonly measured: LoadResult;
  readonly complaints: readonly string[];
  readonly sample: readonly LoadSession[];
}

function report(
  name: string,
  context: BenchContext,
  { hosting, replicas, sync }: Combination,
  { capacity, fullCpu, cpu, full, measured, complaints, sample }: Measured,
): readonly Figure[] {
  const times = latencies(measured.latencies);
  const main = hosting === 'chained' && replicas === 1 && sync === 'default';
  const goal = (wanted: Goal) => (main ? { goal: wanted } : {});
  const failed = [full, measured].reduce((sum, r) => sum + r.unanswered + sumOf(r.errors), 0);
  const refused = sumOf(full.refused) + sumOf(measured.refused);
  context.say(
    `${paint('bold', name.padEnd(24))} ${number(Math.round(capacity))} turns/s; p50 ${times.percentile(50).toFixed(1)}, ` +
      `p99 ${times.percentile(99).toFixed(1)} ms at 70 %; ${failed} errors`,
  );
  context.say(paint('dim', `  at capacity ${sharesText(fullCpu)}`));
  context.say(paint('dim', `  at 70 %     ${sharesText(cpu)}`));
  for (const [what, many] of Object.entries({
    ...full.errors,
    ...measured.errors,
    ...full.refused,
    ...measured.refused,
  }).slice(0, 5)) {
    context.say(paint('red', `  ${what}: ${many}`));
  }
  for (const what of complaints.slice(0, 5)) context.say(paint('red', `  a reader: ${what}`));
  return [
    { name: `${name}: capacity`, value: capacity, unit: 'turns/s' },
    { name: `${name}: processor at capacity`, value: platform(fullCpu), unit: 'µs/turn', ...goal(atMost(678)) },
    ...shares(`${name}: at capacity`, fullCpu, ['gateway', 'functions', 'nats-server', 'load generator']),
    { name: `${name}: at 70 %, turns`, value: answered(measured), unit: 'turns' },
    { name: `${name}: at 70 %, p50`, value: times.percentile(50), unit: 'ms' },
    { name: `${name}: at 70 %, p95`, value: times.percentile(95), unit: 'ms', ...goal(below(25)) },
    { name: `${name}: at 70 %, p99`, value: times.percentile(99), unit: 'ms', ...goal(below(50)) },
    { name: `${name}: at 70 %, max`, value: times.max(), unit: 'ms', ...goal(below(290)) },
    ...shares(`${name}: at 70 %`, cpu, ['gateway', 'readers', 'functions', 'nats-server', 'load generator']),
    { name: `${name}: errors`, value: failed, unit: 'turns', goal: atMost(0) },
    { name: `${name}: refused on purpose (429, 503)`, value: refused, unit: 'turns' },
    { name: `${name}: replied`, value: share(measured, 'replied'), unit: '% of turns' },
    {
      name: `${name}: event streams with a gap or repeat, of ${sample.length}`,
      value: complaints.length,
      unit: 'streams',
      goal: atMost(0),
    },
  ];
}

const shares = (name: string, cpu: Shares, parts: readonly Part[]): readonly Figure[] =>
  parts.map((part) => ({ name: `${name}, ${part}`, value: cpu[part], unit: 'µs/turn', detail: true }));

const sharesText = (cpu: Shares): string =>
  `gateway ${cpu.gateway.toFixed(0)} + functions ${cpu.functions.toFixed(0)} + nats-server ` +
  `${cpu['nats-server'].toFixed(0)} = ${platform(cpu).toFixed(0)} µs a turn; load ${cpu['load generator'].toFixed(0)}`;

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
const share = ({ endings }: LoadResult, ending: string): number => (100 * (endings[ending] ?? 0)) / sumOf(endings);
