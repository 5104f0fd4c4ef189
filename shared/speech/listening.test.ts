import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { breakers } from '../egress/breaker.ts';
import { newCall } from './audio-log.contract.ts';
import { memoryAudioLog } from './audio-memory.ts';
import { PATIENCE, type Chunk, type StoredChunk } from './chunk.ts';
import type { Engine } from './engine.ts';
import { enginesOf } from './engines.ts';
import { readHearing, writeHearing, type HearingState } from './hearing.ts';
import { chunksOf, hashingEngine, loudnessVad, silence, sounds, tone, written } from './listening.fixture.ts';
import { listening, type Effect, type Listeners } from './listening.ts';

interface Heard {
  readonly effects: readonly Effect[];
  readonly state: HearingState | undefined;
}

/** Listens to chunks; before those of `handovers`, another process goes on from what was written. */
async function hear(
  chunks: readonly Chunk[],
  engines: readonly Engine[],
  handovers: (number: number) => boolean = () => false,
  over: Partial<Listeners> = {},
): Promise<Heard> {
  const audio = memoryAudioLog();
  const ref = newCall();
  const guard = breakers();
  const fresh = (from?: HearingState) =>
    listening(ref, { vad: loudnessVad, engines: enginesOf(() => engines, guard), audio, ...over }, from);
  let listener = fresh();
  const effects: Effect[] = [];
  for (const chunk of await written(audio, ref, chunks)) {
    const state = listener.state();
    if (state && handovers(chunk.number)) {
      listener.close();
      listener = fresh(readHearing(writeHearing({ state, by: 'pod' })).state);
    }
    for await (const effect of listener.hear(chunk)) effects.push(effect);
  }
  return { effects, state: listener.state() };
}

const told = ({ effects }: Heard): readonly string[] =>
  effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'started':
        return [`${effect.utterance} started ${effect.fromMs}`];
      case 'partial':
        return [];
      case 'transcribed':
        return [`${effect.utterance} ${effect.end} ${effect.fromMs}-${effect.toMs} ${effect.made.text}`];
      case 'not-transcribed':
        return [`${effect.utterance} ${effect.reason}`];
    }
  });
const without = (words: readonly string[]) => words.map((line) => line.split(' ').slice(0, 3).join(' '));

const twoUtterances = sounds(silence(500), tone(600), silence(1_200), tone(900, 2), silence(1_000), tone(300, 3));

describe('listening to a call', () => {
  it('tells each utterance once, in order: its start, and how it ended', async () => {
    const heard = await hear(chunksOf(twoUtterances), [hashingEngine()]);
    expect(without(told(heard))).toEqual([
      '1 started 480',
      '1 silence 480-1120',
      '2 started 2272',
      '2 silence 2272-3200',
      '3 started 4192',
      '3 hung-up 4192-4480',
    ]);
  });

  it('hears the sound before the onset as well', async () => {
    const [, done] = (
      await hear(chunksOf(sounds(silence(400), tone(500), silence(900))), [hashingEngine()])
    ).effects.filter(({ kind }) => kind !== 'partial');
    // The tone begins in the middle of a block of a tenth of a second: silence before it belongs to the first word.
    expect(done?.kind === 'transcribed' && done.made.text.split(' ').length).toBeGreaterThanOrEqual(5);
  });

  it('announces the words so far while somebody speaks', async () => {
    const { effects } = await hear(chunksOf(sounds(tone(1_000), silence(900))), [hashingEngine()]);
    const partials = effects.flatMap((e) => (e.kind === 'partial' ? [e.text] : []));
    expect(partials.length).toBeGreaterThan(5);
    for (const [i, text] of partials.entries()) expect(text.startsWith(partials[i - 1] ?? '')).toBe(true);
  });

  it('waits longer where nothing was made out, and no longer than the longest utterance', async () => {
    const mute: Engine = hashingEngine();
    const deaf: Engine = {
      ...mute,
      begin: async (at) => ({ ...(await mute.begin(at)), hear: () => Promise.resolve('') }),
    };
    const once = await hear(chunksOf(sounds(tone(500), silence(3_000))), [deaf]);
    expect(without(told(once))).toEqual(['1 started 0', '1 no-words 0-512']);
    const patience = { ...PATIENCE, longestMs: 2_000 };
    const long = await hear(chunksOf(sounds(tone(4_500), silence(900)), 100, { patience }), [mute]);
    expect(without(told(long)).filter((line) => !line.includes('started'))).toEqual([
      '1 too-long 0-2016',
      '2 too-long 2016-4032',
      '3 silence 4032-4512',
    ]);
  });

  it('takes more to be interrupted while something is played', async () => {
    const nod = sounds(silence(320), tone(60), silence(900));
    expect(told(await hear(chunksOf(nod), [hashingEngine()]))).not.toEqual([]);
    expect(told(await hear(chunksOf(nod, 100, { playing: true }), [hashingEngine()]))).toEqual([]);
  });

  it('takes a gap for silence, however long it is', async () => {
    const chunks = chunksOf(sounds(tone(500), silence(100), tone(500)));
    const gap = chunks.map((c) => (c.number > 6 ? { ...c, fromMs: c.fromMs + 3_600_000 } : c));
    const { effects } = await hear(gap, [hashingEngine()]);
    expect(effects.flatMap((e) => (e.kind === 'started' ? [e.fromMs] : []))).toEqual([
      0,
      expect.closeTo(3_600_600, -2),
    ]);
    expect(effects.filter((e) => e.kind === 'transcribed')).toHaveLength(2);
  });
});

describe('a call that goes from process to process', () => {
  it.each(['travels', 'cached'] as const)('is heard the same when the state %s', async (state) => {
    const engine = hashingEngine({ state });
    const undisturbed = await hear(chunksOf(twoUtterances), [engine]);
    const moved = await hear(chunksOf(twoUtterances), [engine], () => true);
    expect(told(moved)).toEqual(told(undisturbed));
    expect(moved.state && Buffer.from(writeHearing({ state: moved.state, by: '' }))).toEqual(
      undisturbed.state && Buffer.from(writeHearing({ state: undisturbed.state, by: '' })),
    );
  });

  test.prop(
    [
      fc.array(fc.record({ ms: fc.integer({ min: 40, max: 900 }), loud: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 20, max: 300 }),
      fc.func(fc.boolean()),
      fc.constantFrom('travels' as const, 'cached' as const),
      fc.constantFrom(8_000 as const, 16_000 as const),
    ],
    { numRuns: 30 },
  )('is heard the same wherever it is cut and handed over', async (parts, ms, handovers, state, rate) => {
    const sound = sounds(...parts.map((p, i) => (p.loud ? tone(p.ms, i) : silence(p.ms))));
    const engine = hashingEngine({ state, rate });
    const undisturbed = await hear(chunksOf(sound, ms), [engine]);
    const moved = await hear(chunksOf(sound, ms), [engine], (n) => handovers(n));
    expect(moved.effects).toEqual(undisturbed.effects);
  });
});

describe('a gateway with another rate than a telephone', () => {
  const wide = (rate: number): readonly Chunk[] =>
    chunksOf(silence(3_000)).map((chunk) => {
      const loud = chunk.number > 5 && chunk.number < 15 ? 6_000 : 0;
      const samples = Int16Array.from({ length: rate / 10 }, (_, i) =>
        Math.round(loud * Math.sin(i * (0.01 + chunk.number / 200))),
      );
      return { ...chunk, format: { codec: 'l16', rate }, sound: new Uint8Array(samples.buffer) };
    });

  it.each([16_000, 24_000, 48_000])('of %i Hz is heard the same in one process and in many', async (rate) => {
    for (const [state, engineRate] of [
      ['travels', 16_000],
      ['cached', 8_000],
    ] as const) {
      const engine = hashingEngine({ state, rate: engineRate });
      const undisturbed = await hear(wide(rate), [engine]);
      expect(told(undisturbed)).toHaveLength(2);
      expect(told(undisturbed)[1]?.split(' ').length).toBeGreaterThan(8);
      expect(told(await hear(wide(rate), [engine], () => true))).toEqual(told(undisturbed));
    }
  });
});

describe('an engine that fails', () => {
  /** Says what the other does until it has heard so many pieces. */
  const failing = (after: number, how: (signal?: AbortSignal) => Promise<never>): Engine => {
    const engine = hashingEngine({ model: 'failing@1' });
    return {
      ...engine,
      begin: async (at) => {
        const recognition = await engine.begin(at);
        let heard = 0;
        return { ...recognition, hear: (s, signal) => (++heard > after ? how(signal) : recognition.hear(s)) };
      },
    };
  };
  const crash = () => Promise.reject(new Error('crash'));

  it('is replaced by the next one, which hears the utterance from its beginning', async () => {
    const alone = await hear(chunksOf(twoUtterances), [hashingEngine()]);
    for (const after of [0, 1, 4]) {
      const two = await hear(chunksOf(twoUtterances), [failing(after, crash), hashingEngine()]);
      expect(told(two)).toEqual(told(alone));
    }
  });

  it('is replaced as well where the utterance came from another process', async () => {
    const alone = await hear(chunksOf(twoUtterances), [hashingEngine()]);
    for (const after of [0, 2]) {
      const two = await hear(chunksOf(twoUtterances), [failing(after, crash), hashingEngine()], (n) => n === 8);
      expect(told(two)).toEqual(told(alone));
    }
  });

  it('alone, or that never answers, leaves each utterance with a reason', async () => {
    const crashed = await hear(chunksOf(twoUtterances), [failing(2, crash)]);
    expect(told(crashed).filter((line) => line.includes('failed'))).toEqual(['1 failed', '2 failed', '3 failed']);
    const stuck = failing(2, () => new Promise<never>(() => undefined));
    const limits = { hearMs: 20, finishMs: 20 };
    const late = await hear(chunksOf(twoUtterances), [stuck], () => false, { limits });
    expect(told(late).filter((line) => !line.includes('started'))).toEqual([
      '1 timed-out',
      '2 timed-out',
      '3 timed-out',
    ]);
  });

  it('says that the sound is missing where it cannot be heard again', async () => {
    const audio = { between: (): Promise<readonly StoredChunk[]> => Promise.resolve([]) };
    const engine = hashingEngine({ state: 'cached' });
    const chunks = chunksOf(sounds(tone(900), silence(900)));
    const { effects } = await hear(chunks, [engine], (n) => n === 6, { audio });
    expect(effects.at(-1)).toMatchObject({ kind: 'not-transcribed', reason: 'audio-missing' });
  });

  it('for a language that nobody understands, there is none', async () => {
    const english = hashingEngine({ languages: ['en'] });
    const chunks = chunksOf(sounds(tone(500), silence(900)), 100, { locale: 'zh-Hans' });
    expect(told(await hear(chunks, [english]))).toEqual(['1 started 0', '1 failed']);
    expect(told(await hear(chunks, [english, hashingEngine({ languages: ['zh'] })])).at(-1)).toContain('1 silence');
  });
});
