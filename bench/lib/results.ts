import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { columns, number, paint } from '../../cli/terminal.ts';
import { goalText, isMet, type Figure, type Report } from './bench.ts';
import type { Machine } from './machine.ts';

/** What is kept of a run. The same for every bench. */
export interface Result extends Report {
  readonly bench: string;
  readonly date: string;
  readonly revision: string | undefined;
  readonly quick: boolean;
  readonly machine: Machine;
}

/** Beside the results: what says little, and must not take the place of what says much. */
const ASIDE = 'aside';

/** Writes a result to `<dir>/<bench>.json`, a quick or partial one to `<dir>/aside/<bench>.json`, and returns the path. */
export async function writeResult(dir: string, result: Result): Promise<string> {
  const { bench, date, revision, quick, partial = false, machine, durability, figures, notes = [] } = result;
  const kept = {
    bench,
    date,
    ...(revision !== undefined && { revision }),
    // Not to be taken for a real one.
    ...(quick && { quick }),
    ...(partial && { partial }),
    machine,
    durability,
    figures: figures.map((figure) => ({
      name: figure.name,
      value: rounded(figure.value),
      unit: figure.unit,
      ...(figure.goal && { goal: goalText(figure.goal), met: isMet(figure) }),
    })),
    notes,
  };
  const folder = quick || partial ? join(dir, ASIDE) : dir;
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${bench}.json`);
  await writeFile(path, `${JSON.stringify(kept, undefined, 2)}\n`);
  return path;
}

/** The figures as lines of a table, without details. */
export function figureTable(all: readonly Figure[]): readonly string[] {
  const figures = all.filter(({ detail }) => !detail);
  const width = Math.max(...figures.map(({ value }) => shown(value).length));
  return columns(
    figures.map((figure) => [
      figure.name,
      shown(figure.value).padStart(width),
      figure.unit,
      figure.goal ? `goal ${goalText(figure.goal)}` : '',
      verdict(figure),
    ]),
  );
}

function verdict(figure: Figure): string {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? paint('green', 'met') : paint(['bold', 'red'], 'not met');
}

const shown = (value: number): string => number(rounded(value));

/** Three digits that mean something, and all digits before the point. */
export function rounded(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6)));
}
