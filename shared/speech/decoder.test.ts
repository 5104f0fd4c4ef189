import { describe, expect, it } from 'vitest';
import { wordsOf } from './context.ts';
import { decode, DECODER_START, finishDecoding, type DecoderConfig, type DecoderState } from './decoder.ts';

const config: DecoderConfig = {
  tokens: ['<b>', '<unk>', 'one', 'two'],
  blank: '<b>',
  unknown: '<unk>',
  frameMs: 30,
  delayMs: 90,
  threshold: 0.6,
  decoder: { speech: 0.5, shortest: 1.5, split: 2, full: [0, 0, 2, 2] },
  // Every part is judged by itself.
  context: { groups: [['one', 'two']], prior: [0.5], stay: [0, 0], fadeMs: 1_000, doubt: 0, least: 0 },
};

/** Rows of log probabilities; each frame is written as shares of blank, unknown, one, two. */
const rows = (...frames: readonly (readonly number[])[]): Float32Array =>
  Float32Array.from(frames.flat(), (share) => Math.log(share + 1e-9));
const BLANK = [1, 0, 0, 0];
const ONE = [0.1, 0, 0.9, 0];
const TWO = [0.1, 0, 0.05, 0.85];
const times = (count: number, frame: readonly number[]) => Array.from({ length: count }, () => frame);
const all = (logprobs: Float32Array, settings = config) => {
  const { state, parts } = decode(settings, DECODER_START, logprobs);
  return wordsOf(settings, [...parts, ...finishDecoding(settings, state)]);
};
const spelt = (logprobs: Float32Array, settings = config) => all(logprobs, settings).map(({ word }) => word);

describe('reading frames as words', () => {
  it('gives one word for each run of frames', () => {
    expect(spelt(rows(BLANK, ...times(4, ONE), BLANK, ...times(3, ONE), BLANK, ...times(4, TWO), BLANK))).toEqual([
      'one',
      'one',
      'two',
    ]);
  });

  it('parts two words that follow each other without a pause', () => {
    expect(spelt(rows(...times(5, ONE), ...times(5, TWO), BLANK))).toEqual(['one', 'two']);
  });

  it('does not take one doubtful frame for a word', () => {
    expect(spelt(rows(...times(3, ONE), TWO, ...times(3, ONE), BLANK, TWO, BLANK))).toEqual(['one']);
  });

  it('calls a word unknown that is less certain than the threshold, and still says how certain', () => {
    const torn = rows(...times(5, [0, 0, 0.55, 0.45]), BLANK);
    expect(spelt(torn)).toEqual(['<unk>']);
    expect(all(torn)[0]?.confidence).toBeCloseTo(0.55, 5);
    expect(spelt(torn, { ...config, threshold: 0.5 })).toEqual(['one']);
  });

  it('is less certain of a word that was cut short', () => {
    const patient = { ...config, decoder: { ...config.decoder, full: [0, 0, 5, 5] } };
    const certainty = (frames: number) => all(rows(...times(frames, [0, 0, 1, 0]), BLANK), patient)[0]?.confidence;
    expect(certainty(6)).toBeCloseTo(1, 5);
    expect(certainty(2)).toBeCloseTo(0.4, 5);
    expect(spelt(rows(...times(2, ONE), BLANK), patient)).toEqual(['<unk>']);
  });

  it('says when a word was spoken, without the delay of the model', () => {
    expect(all(rows(...times(20, BLANK), ...times(6, ONE), BLANK))).toMatchObject([{ fromMs: 390, toMs: 690 }]);
  });

  it('shows an unfinished word and settles it at the end of the utterance', () => {
    const { state, parts, partial } = decode(config, DECODER_START, rows(BLANK, ...times(3, TWO)));
    expect(parts).toEqual([]);
    expect(partial?.guesses).toMatchObject([{ word: 'two' }]);
    expect(finishDecoding(config, state)).toEqual([partial]);
  });

  it('comes to the same words wherever the frames are cut and the state is written down', () => {
    const frames = [BLANK, ...times(5, ONE), ...times(4, TWO), BLANK, ...times(3, [0.2, 0.7, 0.1, 0]), BLANK, ONE, ONE];
    const whole = all(rows(...frames));
    for (let cut = 0; cut <= frames.length; cut += 1) {
      const first = decode(config, DECODER_START, rows(...frames.slice(0, cut)));
      const kept = JSON.parse(JSON.stringify(first.state)) as DecoderState;
      const second = decode(config, kept, rows(...frames.slice(cut)));
      const parts = [...first.parts, ...second.parts, ...finishDecoding(config, second.state)];
      expect(wordsOf(config, parts)).toEqual(whole);
    }
  });

  it('never gives a part again in another form: stable parts only grow', () => {
    let state = DECODER_START;
    const said: string[] = [];
    for (const frame of [...times(5, ONE), ...times(5, TWO), BLANK]) {
      const next = decode(config, state, rows(frame));
      state = next.state;
      said.push(...next.parts.map(({ guesses: [guess] }) => guess?.word ?? ''));
    }
    expect(said).toEqual(['one', 'two']);
  });
});
