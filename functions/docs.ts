import { readdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { emittedTypes, wantedTypes } from '../shared/function/define.ts';
import { registry } from './index.ts';

// Fills the generated parts of the README: `node functions/docs.ts`, or `--check` to compare only.

const README = new URL('../README.md', import.meta.url);
const RESULTS = new URL('../bench/results/', import.meta.url);

/** The functions of a turn, from their own definitions. */
export function functionTable(): string {
  const rows = registry.map((fn) => {
    const types = (all: readonly string[]) => all.map((type) => `\`${type}\``).join(', ');
    const kinds = fn.kind === 'reaction' && fn.kinds ? ` (${fn.kinds.join(', ')})` : '';
    return `| ${fn.name} | ${fn.kind} | ${types(wantedTypes(fn))}${kinds} | ${types(emittedTypes(fn))} |`;
  });
  return ['| function | kind | wakes on | emits |', '|---|---|---|---|', ...rows].join('\n');
}

interface Result {
  readonly bench: string;
  readonly date: string;
  readonly machine: { readonly cpu?: string; readonly cores?: number };
  readonly durability: string;
  readonly figures: readonly {
    readonly name: string;
    readonly value: number | string;
    readonly unit: string;
    readonly goal?: string | number | null;
    readonly met?: boolean | null;
  }[];
}

/** The figures that have a goal, from the benches' own results. */
export function benchTable(results: readonly Result[]): string {
  const [first] = results;
  if (!first) return 'Nothing was measured yet: `npm run bench`.';
  const measured = results.map(({ date }) => date.slice(0, 10)).toSorted();
  const days = [...new Set([measured.at(0), measured.at(-1)])];
  const where = `Two shared cores (${first.machine.cpu ?? 'unknown'}), everything on one machine, ${days.join(' to ')}.`;
  const rows = results.flatMap(({ bench, durability, figures }) =>
    figures
      .filter((f) => f.goal !== undefined && f.goal !== null && f.goal !== '')
      .map((f) => {
        const met = f.met === undefined || f.met === null ? '' : f.met ? 'yes' : 'no';
        return `| ${bench} | ${f.name} | ${f.value} ${f.unit} | ${String(f.goal)} | ${met} | ${durability} |`;
      }),
  );
  const header = ['| bench | figure | measured | goal | met | durability |', '|---|---|---|---|---|---|'];
  return [where, '', ...header, ...rows, '', 'Every figure: `bench/results/`.'].join('\n');
}

/** The README with its generated parts as they should be. */
export async function renderReadme(text: string): Promise<string> {
  const files = await readdir(RESULTS).catch(() => []);
  const results = await Promise.all(
    files
      .filter((f) => f.endsWith('.json'))
      .sort()
      .map(async (f) => JSON.parse(await readFile(new URL(f, RESULTS), 'utf8')) as Result),
  );
  const filled = fill(fill(text, 'functions', functionTable()), 'bench', benchTable(results));
  return format(filled, { ...(await resolveConfig(README)), parser: 'markdown' });
}

function fill(text: string, region: string, content: string): string {
  const [begin, end] = [`<!-- generated: ${region} -->`, '<!-- end generated -->'];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error(`README.md has no part "${region}"`);
  return `${text.slice(0, from)}\n\n${content}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  const text = await readFile(README, 'utf8');
  const wanted = await renderReadme(text);
  if (!process.argv.includes('--check')) await writeFile(README, wanted);
  else if (text !== wanted) {
    process.stderr.write('README.md is stale: run `npm run docs`\n');
    process.exitCode = 1;
  }
}
