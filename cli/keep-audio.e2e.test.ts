import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWav, writeWav } from '../shared/speech/wav.ts';
import type { Platform } from './platform.ts';
import { testPlatform } from './platform.fixture.ts';
import { turnstream } from './testing.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-keep-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const here = (...args: readonly string[]) => turnstream(args, { env: { TURNSTREAM_DIR: dir, NO_COLOR: '1' } });
const started = (keepAudioDays?: number) =>
  testPlatform({ dir, ...(keepAudioDays !== undefined && { keepAudioDays }) });
const recorded = async ({ url }: Platform, session: string) => {
  const response = await fetch(`${url}/v1/sessions/${session}/audio`);
  const { calls = [] } = (await response.json()) as { calls?: readonly { call: string; durationMs: number }[] };
  return { status: response.status, calls };
};

it('keeps the sound of calls where that is wanted, for the command line and HTTP, until the person is erased', async () => {
  const file = join(dir, 'beep.wav');
  const beep = Int16Array.from({ length: 16_000 }, (_, i) => Math.round(8_000 * Math.sin(i / 3)));
  await writeFile(file, writeWav({ rate: 16_000, samples: beep }));

  // A call is kept with the platform's last look, however soon that comes.
  const first = await started(1);
  const { out } = await here('call', file, '--locale', 'en', '--fast', '--limit', '1');
  const session = /turnstream replay (\S+)/u.exec(out)?.[1] ?? '';
  await first.stop();

  const second = await started(1);
  const { calls } = await recorded(second, session);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.durationMs).toBeGreaterThanOrEqual(1_000);
  const response = await fetch(`${second.url}/v1/sessions/${session}/audio/${calls[0]?.call}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const saved = join(dir, 'saved.wav');
  const ran = await here('audio', session, '--tenant', 'demo', '--out', saved);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(new Uint8Array(await readFile(saved))).toEqual(bytes);
  const wav = readWav(bytes);
  expect(wav.ok && wav.samples.some((sample) => Math.abs(sample) > 6_000)).toBe(true);

  expect((await here('erase', session, '--tenant', 'demo', '--by', 'olga')).code).toBe(0);
  expect((await recorded(second, session)).status).toBe(410);
  await second.stop();
}, 120_000);
