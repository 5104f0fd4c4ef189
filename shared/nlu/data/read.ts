import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { checkData } from './check.ts';
import { readCsv } from './csv.ts';
import { error, type TrainingData } from './example.ts';
import { readJsonLines } from './jsonl.ts';
import { readRasa } from './rasa.ts';

const LARGEST_FILE = 100 * 1024 * 1024;
const READERS: Readonly<Record<string, (file: string, text: string) => TrainingData>> = {
  '.yml': readRasa,
  '.yaml': readRasa,
  '.jsonl': readJsonLines,
  '.csv': readCsv,
};

/**
 * Reads training data from files (Rasa NLU YAML, JSON lines, CSV) and folders of them, and checks it. A folder of a bot
 * is read as its `nlu.yml` and `nlu/`. Never throws for what stands in a file: that is among the problems.
 */
export async function readTrainingData(paths: readonly string[]): Promise<TrainingData> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  return checkData(await Promise.all(files.map(readOne)));
}

async function filesOf(path: string): Promise<readonly string[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return [path];
  const names = (await readdir(path)).toSorted();
  // A bot's own folder holds other YAML beside its NLU data.
  if (names.includes('bot.yml')) {
    const own = names.filter((name) => name === 'nlu.yml' || name === 'nlu').map((name) => join(path, name));
    return (await Promise.all(own.map(filesOf))).flat();
  }
  return names.filter((name) => extname(name) in READERS).map((name) => join(path, name));
}

async function readOne(file: string): Promise<TrainingData> {
  const whole = (message: string, hint?: string): TrainingData => ({
    examples: [],
    entityLines: [],
    problems: [error({ file, line: 1, column: 1, message, ...(hint !== undefined && { hint }) })],
  });
  const info = await stat(file).catch(() => undefined);
  if (!info) return whole('there is no such file');
  if (!info.isFile()) return whole('this is not a file');
  if (info.size > LARGEST_FILE) return whole('this file is larger than 100 MB');
  const reader = READERS[extname(file).toLowerCase()];
  if (!reader) return whole('training data is .yml (Rasa NLU), .jsonl or .csv');
  const bytes = await readFile(file);
  try {
    // Takes a byte order mark away.
    return reader(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    return whole(`this file is not UTF-8 text${wide ? ' but UTF-16' : ''}`, 'save it as UTF-8');
  }
}
