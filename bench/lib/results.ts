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

/** Writes a result to `<dir>/<bench>.json` and returns the path. */
export async function writeResult(dir: string, result: Result): Promise<string> {
  const { bench, date, revision, quick, machine, durability, figures, notes = [] } = result;
  const kept = {
    bench,
    date,
    ...(revision !== undefined && { revision }),
    // A quick run is not to be taken for a real one.
    ...(quick && { quick }),
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
  await mkdir(dir, { recursive: true });
  const path = join(dir, `${bench}.json`);
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
