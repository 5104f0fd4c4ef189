import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joined } from '../../shared/speech/intake.ts';
import { digits, hasRecordings } from '../../shared/speech/recordings.fixture.ts';
import { readWav, writeWav } from '../../shared/speech/wav.ts';
import type { Platform } from '../platform.ts';
import { testPlatform } from '../platform.fixture.ts';
import { turnstream } from '../testing.ts';

const why = hasRecordings() ? '' : ', skipped: the recordings of ../shared/data/voice/fsdd are not here';
const HUM = `${process.execPath} ${join(import.meta.dirname, 'hum.fixture.ts')}`;
const LONG = { timeout: 90_000 };

let dir: string;
let platform: Platform;
/** Two utterances: 4 7 1 1, a pause, 2 0. */
let numbers: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-call-'));
  platform = await testPlatform({ dir, env: { ...process.env, TURNSTREAM_TTS_COMMAND: HUM } });
  numbers = join(dir, 'numbers.wav');
  if (!hasRecordings()) return;
  const [first, second] = [await digits('jackson', [4, 7, 1, 1]), await digits('jackson', [2, 0], 5)];
  const samples = joined(joined(first.sound, new Int16Array(8 * 1_500)), second.sound);
  await writeFile(numbers, writeWav({ rate: 8_000, samples }));
}, 120_000);
afterAll(async () => {
  await platform.stop();
  await rm(dir, { recursive: true, force: true });
});

const here = (...args: readonly string[]) =>
  turnstream(['call', ...args], { env: { TURNSTREAM_DIR: dir, NO_COLOR: '1' } });

interface Line {
  readonly event?: { readonly type: string; readonly data: { readonly text?: string; readonly of?: string } };
  readonly line?: { readonly kind: string; readonly text?: string };
}
const linesOf = (out: string): readonly Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const typesIn = (lines: readonly Line[]) => lines.flatMap(({ event }) => (event ? [event.type] : []));

describe.skipIf(!hasRecordings())(`turnstream call${why}`, () => {
  it('says one utterance after the other, waits for the answers, and keeps what was heard', LONG, async () => {
    const heard = join(dir, 'heard.wav');
    const { code, out, err } = await here(numbers, '--locale', 'en', '--save', heard);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/you +four seven one one/u);
    expect(out).toMatch(/you +two zero/u);
    // Words show while they are spoken.
    expect(out).toMatch(/you +four(?: \w+)* …/u);
    expect(out.match(/^.* s {2}bot +\S/gmu)).toHaveLength(3);
    expect(out).toMatch(/decided +\S/u);
    expect(out).toMatch(/heard +all of it/u);
    expect(out).toMatch(/over: hung-up/u);
    expect(out).toMatch(/turnstream replay \S+/u);
    const wav = readWav(await readFile(heard));
    if (!wav.ok) throw new Error(wav.why);
    expect(wav.rate).toBe(16_000);
    expect(wav.samples.some((sample) => Math.abs(sample) > 3_000)).toBe(true);
  });

  it('answers the open question of a session with a number that is said aloud', LONG, async () => {
    const post = async (path: string, body: object): Promise<{ readonly session: string }> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${platform.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.ok).toBe(true);
      return (await answer.json()) as { readonly session: string };
    };
    const { session } = await post('/v1/sessions', { channel: 'test', locale: 'en' });
    await post(`/v1/sessions/${session}/events`, {
      type: 'utterance.received',
      data: { text: 'Where is my parcel?', locale: 'en' },
    });
    const order = join(dir, 'order.wav');
    const { sound } = await digits('jackson', [4, 7, 1, 1, 0, 8, 1, 5]);
    await writeFile(order, writeWav({ rate: 8_000, samples: sound }));
    const { code, out } = await here(order, '--locale', 'en', '--session', session);
    expect(code).toBe(0);
    expect(out).toMatch(/you +four seven one one zero eight one five/u);
    expect(out).toMatch(/entities +order_number = 47110815/u);
    expect(out).toContain('47110815');
  });

  it.each(['twilio', 'asterisk'])('speaks as %s, faster than the clock, as JSON', LONG, async (gateway) => {
    const { code, out } = await here(numbers, '--locale', 'en', '--gateway', gateway, '--fast', '--json');
    const lines = linesOf(out);
    expect(code).toBe(0);
    const finals = lines.flatMap(({ event }) => (event?.type === 'speech.transcribed' ? [event.data.text] : []));
    expect(finals).toEqual(['four seven one one', 'two zero']);
    const types = typesIn(lines).filter((type) => /^(?:call|turn|playback)\./u.test(type));
    expect(types.map((type) => type.replace(/^turn\..*/u, 'an ending'))).toEqual([
      'call.started',
      'call.greeted',
      'playback.completed',
      'an ending',
      'playback.completed',
      'an ending',
      'playback.completed',
      'call.ended',
    ]);
  });

  it('presses keys, which are an utterance of their own', LONG, async () => {
    const { code, out } = await here(numbers, '--locale', 'en', '--fast', '--dtmf', '4711#');
    expect(code).toBe(0);
    expect(out).toMatch(/keys +4711/u);
    expect(out.match(/^.* s {2}bot +\S/gmu)).toHaveLength(4);
  });

  it('speaks into what the bot says where it is told to, and shows that it was broken off', LONG, async () => {
    const { out } = await here(numbers, '--locale', 'en', '--through', '--json');
    const lines = linesOf(out);
    expect(lines.some(({ line }) => line?.kind === 'pause' || line?.kind === 'clear')).toBe(true);
    expect(typesIn(lines)).toContain('playback.interrupted');
  });
});

describe('turnstream call, called wrongly', () => {
  it.each([
    ['a file that is not there', 'nowhere.wav', /cannot read .*nowhere\.wav/u],
    ['a file that is no recording', import.meta.filename, /cannot play .*: it is no WAV file/u],
  ])('says so of %s', async (_, file, expected) => {
    const { code, out, err } = await here(file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(expected);
  });

  it('takes no keys that no telephone has', async () => {
    const { code, err } = await here(numbers, '--dtmf', '12x');
    expect(code).toBe(2);
    expect(err).toContain('Keys are 0 to 9');
  });

  it('says that no platform is there', async () => {
    const silent = join(dir, 'silent.wav');
    await writeFile(silent, writeWav({ rate: 8_000, samples: new Int16Array(8_000) }));
    const { code, err } = await here(silent, '--url', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(err).toMatch(/no platform answers at .*; start a platform/u);
  });

  it('has an exit code for a recording in which nobody says anything', LONG, async () => {
    const { code, out } = await here(join(dir, 'silent.wav'), '--limit', '3');
    expect(code).toBe(1);
    expect(out).toContain('nobody listened to utterance 1');
    expect(out).toContain('no words were made out');
  });
});
