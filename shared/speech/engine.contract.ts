import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LARGEST_TRAVELLING_STATE, type Engine, type Recognition, type Transcript } from './engine.ts';

/** An engine to be tried. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Speech, at the rate of the engine, and what is to be made out; absent where a stand-in says anything. */
  readonly speech: Int16Array;
  readonly says?: string;
  readonly locale: string;
  /** Ends what the engine runs on. */
  stop?(): Promise<void>;
}

/** What every engine promises, whatever it runs on. */
export function describeEngine(name: string, start: () => Promise<EngineUnderTest>): void {
  describe(`the engine ${name}`, () => {
    let subject: EngineUnderTest;
    let engine: Engine;
    beforeAll(async () => {
      subject = await start();
      ({ engine } = subject);
    });
    afterAll(async () => {
      await engine.close();
      await subject.stop?.();
    });

    const begin = (saved?: Uint8Array) => engine.begin({ locale: subject.locale, saved });
    /** A tenth of a second each, as a gateway's chunks are. */
    const pieces = (sound: Int16Array, ms = 100): readonly Int16Array[] => {
      const size = (engine.capabilities.rate / 1_000) * ms;
      return Array.from({ length: Math.ceil(sound.length / size) }, (_, i) => sound.slice(i * size, (i + 1) * size));
    };
    const finished = async (recognition: Recognition): Promise<Transcript> => {
      const transcript = await recognition.finish();
      recognition.close();
      return transcript;
    };
    const heard = async (sound: readonly Int16Array[]): Promise<Transcript> => {
      const recognition = await begin();
      for (const piece of sound) await recognition.hear(piece);
      return finished(recognition);
    };

    it('says what it is', () => {
      const { model, languages, rate } = engine.capabilities;
      expect(model).toMatch(/^[a-z0-9][\w./@+-]{0,127}$/iu);
      for (const language of languages) expect(language).toMatch(/^[a-z]{2,3}$/u);
      expect([8_000, 16_000]).toContain(rate);
    });

    it('makes out what is said', async () => {
      const { text, confidence } = await heard(pieces(subject.speech));
      if (subject.says !== undefined) expect(text).toBe(subject.says);
      expect(text).not.toBe('');
      expect(text).toBe(text.trim());
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    });

    it('tells the words so far while somebody speaks, or none at all', async () => {
      const recognition = await begin();
      const told: string[] = [];
      for (const piece of pieces(subject.speech)) told.push(await recognition.hear(piece));
      await finished(recognition);
      const some = told.some((text) => text !== '');
      expect(some).toBe(engine.capabilities.streaming);
    });

    it('tells when each word was said, in order, where it promises to', async () => {
      const { text, words = [] } = await heard(pieces(subject.speech));
      const endMs = (subject.speech.length * 1_000) / engine.capabilities.rate;
      if (!engine.capabilities.words) return;
      expect(words.map((word) => word.text).join('')).toBe(text.replaceAll(' ', ''));
      const times = words.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...times)).toBeLessThanOrEqual(endMs + 100);
    });

    it('makes the same of the same pieces', async () => {
      const first = await heard(pieces(subject.speech));
      expect(await heard(pieces(subject.speech))).toEqual(first);
    });

    it('hears nothing where nothing was said', async () => {
      expect((await heard(pieces(new Int16Array(engine.capabilities.rate)))).text).toBe('');
      expect((await heard([])).text).toBe('');
    });

    it('takes pieces of any length', async () => {
      const speech = pieces(subject.speech);
      const odd = [new Int16Array(0), subject.speech.slice(0, 1), subject.speech.slice(1, 778), new Int16Array(0)];
      const { text } = await heard([...odd, ...pieces(subject.speech.slice(778), 47)]);
      expect(text).toBe((await heard(speech)).text);
    });

    it('hears several at the same time, each by itself', async () => {
      const sound = pieces(subject.speech);
      const silence = sound.map((piece) => new Int16Array(piece.length));
      const alone = await heard(sound);
      const [speech, nothing, again] = await Promise.all([heard(sound), heard(silence), heard(sound)]);
      expect([speech, nothing.text, again]).toEqual([alone, '', alone]);
    });

    it('goes on in another process from what was saved, as if nothing had happened', async () => {
      const { state } = engine.capabilities;
      const sound = pieces(subject.speech);
      let recognition = await begin();
      for (const piece of sound) {
        await recognition.hear(piece);
        const saved = recognition.save();
        if (state === 'cached') {
          expect(saved).toBeUndefined();
          continue;
        }
        expect(saved?.length).toBeLessThanOrEqual(LARGEST_TRAVELLING_STATE);
        recognition.close();
        recognition = await begin(Uint8Array.from(saved ?? []));
        expect(recognition.save()).toEqual(saved);
      }
      expect(await finished(recognition)).toEqual(await heard(sound));
    });

    it('lets an utterance go at any time', async () => {
      const unused = await begin();
      unused.close();
      const used = await begin();
      await used.hear(subject.speech.slice(0, 4_000));
      used.close();
      used.close();
      expect((await heard(pieces(subject.speech))).text).not.toBe('');
    });
  });
}
