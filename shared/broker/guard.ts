import { run } from './command.ts';

/** A program and its arguments. */
export type CommandLine = readonly [file: string, ...args: string[]];

const SETPRIV = '/usr/bin/setpriv';

/**
 * The command line with which a child ends when this process does, even when this one is killed and can do nothing
 * about it. Only Linux has such a thing; elsewhere, the command line as it is.
 */
export async function endingWithParent(command: CommandLine): Promise<CommandLine> {
  // The program takes the place of setpriv, so that the process id is its own.
  return (await supported()) ? [SETPRIV, '--pdeathsig', 'TERM', '--', ...command] : command;
}

let known: Promise<boolean> | undefined;

/** Asked once: some small Linux systems have a setpriv that knows no such option. */
function supported(): Promise<boolean> {
  known ??= run(SETPRIV, ['--pdeathsig', 'TERM', '--', SETPRIV, '--version'], { env: {}, limitMs: 5_000 }).then(
    ({ kind }) => kind === 'done',
  );
  return known;
}
