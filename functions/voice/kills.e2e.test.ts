import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRecordings } from '../../shared/speech/recordings.fixture.ts';
import { openSmallEngine } from '../../shared/speech/small/engine.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { startKillable, type KillablePlatform } from './kills/platform.ts';
import { callWhileKilling } from './kills/run.ts';

const MODEL = fileURLToPath(new URL('../../models/speech-en-small', import.meta.url));
/** As many as two busy cores carry while processes start all the time; `npm run bench -- voice` has fifty. */
const CALLS = 8;
const SECONDS = 20;
const KILL_EVERY_MS = 1_500;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

describe.skipIf(!hasRecordings() || !existsSync(MODEL))(`calls (seed ${SEED})`, () => {
  let platform: KillablePlatform;
  beforeAll(async () => {
    platform = await startKillable({ model: MODEL, replicas: 2 });
  });
  afterAll(() => platform.stop());

  it('lose nothing that was said while all kinds of processes are killed', async () => {
    const [vad, engine] = [await openVad(), await openSmallEngine(MODEL)];
    const options = { calls: CALLS, seconds: SECONDS, everyMs: KILL_EVERY_MS, seed: SEED };
    const report = await callWhileKilling(platform, { ...options, vad, engine });
    await engine.close();
    const { flaws, lost, doubled, disordered, finals, utterances, deaths, broken } = report;
    expect(flaws).toEqual([]);
    expect({ lost, doubled, disordered }).toEqual({ lost: 0, doubled: 0, disordered: 0 });
    expect(finals).toBe(utterances);
    expect(finals).toBeGreaterThan(CALLS * 2);
    // Something was there to be lost.
    expect(broken).toBeGreaterThan(0);
    expect(deaths.asr + deaths.voice + deaths.relay).toBeGreaterThan(5);
  }, 240_000);
});
