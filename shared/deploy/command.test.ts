import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const call = (file: string, ...args: readonly string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [file, ...args], { cwd: ROOT }).then(
    (out) => ({ code: 0, ...out }),
    (error: unknown) => error as Ended,
  );

it.each(['functions/manifests.ts', 'images/build.ts', 'images/bundle.ts'])(
  '%s says what it takes, and what it does not',
  async (file) => {
    const asked = await call(file, '--help');
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('npm run') as string, stderr: '' });
    const misused = await call(file, '--nonsense');
    expect(misused).toMatchObject({ code: 2, stdout: '' });
    expect(misused.stderr).toContain("Unknown option '--nonsense'");
    expect(misused.stderr).toContain(asked.stdout.trim());
    expect(misused.stderr).not.toContain('    at ');
  },
);

it('what a manifest cannot have is a line, with exit code 1', async () => {
  const { code, stderr } = await call('functions/manifests.ts', '--canary', '101');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^[^\n]*canary[^\n]*\n$/u);
});
