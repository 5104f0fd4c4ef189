import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { progressBar } from '../cli/progress.ts';
import { columns, paint, print } from '../cli/terminal.ts';
import { isMet, type Bench, type BenchContext } from './lib/bench.ts';
import { endings } from './lib/endings.ts';
import { describeMachine, revision } from './lib/machine.ts';
import { figureTable, writeResult } from './lib/results.ts';
import { coldstart } from './coldstart/bench.ts';
import { dialogueBench } from './dialogue/bench.ts';
import { hop } from './hop/bench.ts';
import { knowledge } from './knowledge/bench.ts';
import { platform } from './platform/bench.ts';
import { rebuild } from './rebuild/bench.ts';
import { turns } from './turns/bench.ts';
import { understanding } from './understanding/bench.ts';
import { users } from './users/bench.ts';
import { voice } from './voice/bench.ts';

const BENCHES: readonly Bench[] = [
  turns,
  users,
  rebuild,
  hop,
  coldstart,
  platform,
  understanding,
  knowledge,
  dialogueBench,
  voice,
];
const RESULTS = 'bench/results';
const INTERRUPTED = 130;
const SIGNAL_MS = 100;

let interrupted = false;

const usage = (): void => {
  print('npm run bench -- NAME [--quick] [options]    runs one and writes bench/results/NAME.json');
  print();
  for (const line of columns(BENCHES.map(({ name, summary }) => [`  ${paint('bold', name)}`, summary]))) print(line);
  print();
  print('--quick: a short form, to see whether it works, written aside.  NAME --help: the options of one.');
};

const help = ({ name, summary, options }: Bench): void => {
  print(`${paint('bold', name)}: ${summary}`);
  print();
  const own = Object.entries(options).map(([option, o]) => [
    `  --${option} VALUE`,
    `${o.help} (default: ${o.default})`,
  ]);
  const rows = [['  --quick', 'a short form; its figures say little'], ...own];
  for (const line of columns(rows)) print(line);
};

/** Runs what the command line asks for, and returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    usage();
    return 0;
  }
  const bench = BENCHES.find((b) => b.name === name);
  if (!bench)
    return refuse(`there is no bench ${JSON.stringify(name)}; there are ${BENCHES.map((b) => b.name).join(', ')}`);
  const parsed = parse(bench, rest);
  if (typeof parsed === 'string') return refuse(`${bench.name}: ${parsed}`);
  if (parsed.help) {
    help(bench);
    return 0;
  }
  return runBench(bench, parsed.quick, parsed.values);
}

type Parsed = { readonly quick: boolean; readonly help: boolean; readonly values: Readonly<Record<string, string>> };

function parse(bench: Bench, args: readonly string[]): Parsed | string {
  const own = Object.entries(bench.options).map(
    ([option, o]) => [option, { type: 'string', default: o.default }] as const,
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        ...Object.fromEntries(own),
      },
    });
    const { quick, help: wanted, ...others } = values;
    const chosen: Readonly<Record<string, string>> = others;
    const wrong = Object.entries(bench.options).find(([option, { like }]) => !like.test(chosen[option] ?? ''));
    if (wrong) return `--${wrong[0]} cannot be ${JSON.stringify(chosen[wrong[0]])}; it is: ${wrong[1].help}`;
    return { quick, help: wanted, values: chosen };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'wrong options';
  }
}

async function runBench(bench: Bench, quick: boolean, values: Readonly<Record<string, string>>): Promise<number> {
  // Ctrl-C reaches the processes that were started as well, and their complaints say nothing new then.
  const { add, end } = endings((error) => interrupted || process.stderr.write(`${paint('red', String(error))}\n`));
  const context: BenchContext = {
    quick,
    option: (option) => values[option] ?? '',
    say: print,
    progress: (what) => progressBar(what),
    atEnd: add,
  };
  const interrupt = () => {
    interrupted = true;
    void end().then(() => process.exit(INTERRUPTED));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

  const machine = await describeMachine();
  print(`${paint('bold', bench.name)}: ${bench.summary}`);
  print(
    paint(
      'dim',
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, nats-server ${machine.natsServer}`,
    ),
  );
  try {
    const report = await bench.run(context);
    print();
    for (const line of figureTable(report.figures)) print(line);
    print();
    print(`durability: ${report.durability}`);
    for (const note of report.notes ?? []) print(note);
    const result = {
      bench: bench.name,
      date: new Date().toISOString(),
      revision: await revision(),
      quick,
      machine,
      ...report,
    };
    print(paint('dim', `written to ${await writeResult(RESULTS, result)}`));
    const missed = report.figures.filter((figure) => isMet(figure) === false).length;
    if (missed > 0) print(paint('yellow', `${missed} of ${report.figures.length} figures do not reach their goal`));
    return 0;
  } finally {
    await end();
  }
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 2;
}

// `npm run bench | head` is no fault.
process.stdout.on('error', () => undefined);
const code = await main(process.argv.slice(2)).catch(async (error: unknown) => {
  // The end of a child may be heard of before the signal that ended it.
  await delay(SIGNAL_MS);
  if (interrupted) return INTERRUPTED;
  process.stderr.write(
    `${paint(['bold', 'red'], 'failed')}: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
  );
  return 1;
});
// A client that still waits for its server to come back would keep the process alive.
process.exit(code);
