import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterEach, expect, it } from 'vitest';

let dir: string | undefined;
afterEach(async () => {
  if (dir) await rm(dir, { recursive: true });
});

it('sends spans from a bundle too, which a bundler cuts where it is loaded at run time', async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-bundle-'));
  const entry = fileURLToPath(new URL('start.ts', import.meta.url));
  await build({
    config: false,
    silent: true,
    entry: [entry],
    format: ['esm'],
    target: 'node24',
    outDir: dir,
    splitting: true,
    noExternal: [/.*/],
    outExtension: () => ({ js: '.mjs' }),
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const program = `
    const { startTelemetry } = await import(${JSON.stringify(join(dir, 'start.mjs'))});
    const config = { service: 'test', logLevel: 'silent', sampleRatio: 1, exportSpans: true };
    const spans = { export: (all, done) => { console.log(all[0].name); done({ code: 0 }); }, shutdown: async () => {} };
    const watching = await startTelemetry(config, { spans });
    watching.gatewayWatch.request('POST', '/v1/chat', undefined).end(200);
    await watching.stop();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout).toBe('POST /v1/chat\n');
});
