import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { access, constants } from 'node:fs/promises';

/** The environment a process is given; composition roots pass `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command came to: what it printed, or why it failed in words for a person. */
export type Finished = { readonly kind: 'done'; readonly output: string } | Failed;

/** Why something could not be had. */
export interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

export interface CommandOptions {
  readonly env: Environment;
  readonly limitMs: number;
  readonly cwd?: string;
}

/** Runs a program to its end, or ends it at the time limit. */
export function run(file: string, args: readonly string[], options: CommandOptions): Promise<Finished> {
  return new Promise((resolve) => {
    const { env, cwd, limitMs } = options;
    const settings = { env: { ...env }, timeout: limitMs, maxBuffer: 64 << 20, windowsHide: true, ...(cwd && { cwd }) };
    execFile(file, args, settings, (error, stdout, stderr) => {
      if (!error) resolve({ kind: 'done', output: stdout });
      else if (error.killed) resolve(failed(`${file} took longer than ${limitMs / 1000} s`));
      else if (error.code === 'ENOENT') resolve(failed(`${file} is not there`));
      else if (typeof error.code === 'string') resolve(failed(`${file} could not be run (${error.code})`));
      else resolve(failed(`${file} ${args[0] ?? ''} failed: ${lastLines(stderr || stdout)}`));
    });
  });
}

/** Every executable of this name in the folders of PATH, in their order. */
export async function onPath(name: string, env: Environment, more: readonly string[] = []): Promise<readonly string[]> {
  // Windows spells it "Path", and only process.env itself does not mind.
  const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? '';
  const folders = [...path.split(delimiter), ...more].filter((folder) => folder !== '');
  const files = [...new Set(folders)].map((folder) => join(folder, name));
  const executable = await Promise.all(files.map(isExecutable));
  return files.filter((_, i) => executable[i]);
}

/** A failure with its reason. */
export function failed(reason: string): Failed {
  return { kind: 'failed', reason };
}

/** What went wrong, with the causes below it: `fetch failed` alone says nothing. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

/** The end of what a program printed, on one line. */
export function lastLines(text: string, count = 3): string {
  return text.trim().split(/\r?\n/).slice(-count).join(' | ');
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
