import { PlatformError } from '../errors/index.ts';

/**
 * Runs a command of the repository that ops call: `--help` prints `help`; what it is called wrongly with is said beside
 * it, with exit code 2, and what it or a program that it runs complains of is a line, with exit code 1.
 */
export async function runCommand(help: string, run: () => Promise<void>): Promise<void> {
  if (process.argv.slice(2).some((given) => given === '--help' || given === '-h')) {
    process.stdout.write(`${help}\n`);
    return;
  }
  await run().catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    const misused = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const said = 'stderr' in error && String(error.stderr).trim();
    if (!misused && !said && !(error instanceof PlatformError)) throw error;
    process.stderr.write(`${said || error.message}\n${misused ? `${help}\n` : ''}`);
    process.exitCode = misused ? 2 : 1;
  });
}
