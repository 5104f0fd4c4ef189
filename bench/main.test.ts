import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

function bench(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, NO_COLOR: '1' }, timeout: 15_000 },
      (failure, out, error) => {
        resolve({ code: failure ? Number(failure.code) : 0, out, error });
      },
    );
  });
}

describe('npm run bench', () => {
  it('lists the benches, a line each', async () => {
    const { code, out } = await bench();
    expect(code).toBe(0);
    for (const name of ['turns', 'users', 'rebuild', 'hop', 'coldstart', 'platform'])
      expect(out).toMatch(new RegExp(`^  ${name} +\\S`, 'mu'));
    // eslint-disable-next-line no-control-regex -- NO_COLOR
    expect(out).not.toMatch(/\u001b/u);
  });

  it.each([
    [['no-such-bench'], 'there is no bench "no-such-bench"'],
    [['hop', '--fast'], "hop: Unknown option '--fast'"],
    [['hop', '--count', 'many'], 'hop: --count cannot be "many"'],
    [['turns', '--replicas', '1,2'], 'turns: --replicas cannot be "1,2"'],
    [['hop', 'twice'], "hop: Unexpected argument 'twice'"],
  ])('refuses %j with one line and exit code 2', async (args, message) => {
    const { code, out, error } = await bench(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(error).toContain(message);
    expect(error.trim().split('\n')).toHaveLength(1);
  });

  it('tells the options of a bench', async () => {
    const { code, out } = await bench('turns', '--help');
    expect(code).toBe(0);
    expect(out).toContain('--hosting VALUE');
  });
});
