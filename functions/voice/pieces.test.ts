import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../shared/speech/chunk.ts';
import { PATIENCE } from '../../shared/speech/chunk.ts';
import { collecting } from './digits.ts';
import { gathering } from './gathering.ts';
import { greetingOf } from './greeting.ts';
import { patienceFor } from './patience.ts';
import { phoneBot } from './platform.fixture.ts';
import { playout } from './playout.ts';
import { beginningOf, sentencesOf } from './sentences.ts';

const MULAW: Format = { codec: 'mulaw', rate: 8_000 };
const LINEAR: Format = { codec: 'l16', rate: 16_000 };

describe('sound is gathered', () => {
  test.prop([fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 20 }), fc.integer({ min: 60, max: 300 })])(
    'into pieces of one length, without losing a byte, and time follows the samples',
    (frames, pieceMs) => {
      const gathered = gathering(MULAW, pieceMs);
      const pieces = frames.flatMap((frame) => gathered.add(frame));
      expect(pieces.every(({ sound }) => sound.length === pieceMs * 8)).toBe(true);
      pieces.forEach(({ fromMs }, i) => {
        expect(fromMs).toBe(i * pieceMs);
      });
      const rest = gathered.rest();
      const all = Buffer.concat([...pieces, ...(rest ? [rest] : [])].map(({ sound }) => sound));
      expect(all.equals(Buffer.concat(frames))).toBe(true);
    },
  );
});

describe('keys belong together', () => {
  it('until # is pressed, which is no part of them unless it stands alone', () => {
    const keys = collecting(3_000, () => undefined);
    expect(['1', '2', '#'].map((key) => keys.press(key, 0))).toEqual([
      undefined,
      undefined,
      { digits: '12', end: 'hash' },
    ]);
    expect(keys.press('#', 0)).toEqual({ digits: '#', end: 'hash' });
  });

  it('until nothing follows for a while, counted from the last one', () => {
    const keys = collecting(3_000, () => undefined);
    keys.press('1', 0);
    keys.press('2', 2_000);
    expect(keys.due(4_900)).toBeUndefined();
    expect(keys.due(5_000)).toEqual({ digits: '12', end: 'pause' });
    expect(keys.due(9_000)).toBeUndefined();
  });

  it('until they are as many as the question wants, or the caller hangs up', () => {
    const keys = collecting(3_000, () => 2);
    keys.press('1', 0);
    expect(keys.press('*', 0)).toEqual({ digits: '1*', end: 'enough' });
    keys.press('7', 0);
    expect(keys.hungUp()).toEqual({ digits: '7', end: 'hung-up' });
    expect(keys.press('x', 0)).toBeUndefined();
    expect(keys.hungUp()).toBeUndefined();
  });
});

describe('what is played', () => {
  const sound = (ms: number, { rate }: Format) => new Uint8Array(ms * (rate / 1_000) * (rate === 16_000 ? 2 : 1));

  it('leaves no faster than it is heard, but for what may wait at the gateway', () => {
    const out = playout(MULAW, 200);
    out.add({ text: 'one', sound: sound(1_000, MULAW) });
    expect(out.due(0)?.toMs).toBe(200);
    expect(out.due(10)).toBeUndefined();
    expect(out.due(100)?.toMs).toBe(300);
    expect(out.heardMs(100)).toBe(100);
  });

  it('is told by the gateway where that knows better', () => {
    const out = playout(MULAW, 400);
    out.add({ text: 'one', sound: sound(1_000, MULAW) });
    out.due(0);
    out.reached(100, 300);
    expect(out.heardMs(350)).toBe(150);
  });

  it('goes on from where it was held, to the last sample', () => {
    const out = playout(LINEAR, 300);
    out.add({ text: 'one two', sound: sound(1_000, LINEAR) });
    out.due(0);
    out.hold(133.37, 'lost');
    expect(out.heardMs(9_000)).toBeCloseTo(133.37);
    out.go(10_000);
    let bytes = 0;
    for (let at = 10_000; at < 12_000; at += 20) bytes += out.due(at)?.sound.length ?? 0;
    expect(out.isSent).toBe(true);
    expect(Math.abs(bytes - (1_000 - 133.37) * 32)).toBeLessThanOrEqual(32);
    expect(out.heardMs(20_000)).toBe(1_000);
  });

  it('counts from where it goes on once it has run dry', () => {
    const out = playout(MULAW, 200);
    out.add({ text: 'one', sound: sound(100, MULAW) });
    out.due(0);
    out.add({ text: 'two', sound: sound(100, MULAW) });
    expect(out.due(5_000)?.toMs).toBe(200);
    expect(out.heardMs(5_050)).toBe(150);
  });

  it('has words, of which the whole ones were heard', () => {
    const out = playout(MULAW, 10_000);
    out.add({ text: 'Hello there.', sound: sound(1_000, MULAW) });
    out.add({ text: 'Your parcel is on its way.', sound: sound(2_000, MULAW) });
    out.due(0);
    expect(out.heard(0)).toBe('');
    expect(out.heard(1_000)).toBe('Hello there.');
    expect(out.heard(2_000)).toBe('Hello there. Your parcel');
    expect(out.heard(9_000)).toBe('Hello there. Your parcel is on its way.');
  });
});

describe('texts', () => {
  it('are spoken in sentences, and long ones in parts', () => {
    expect(sentencesOf('Hello! How are you?\n您好。请问您的订单号是多少？')).toEqual([
      'Hello!',
      'How are you?',
      '您好。',
      '请问您的订单号是多少？',
    ]);
    expect(sentencesOf('…  \n — ')).toEqual([]);
    const long = sentencesOf('a word and another, '.repeat(60));
    expect(long.every((s) => s.length <= 240)).toBe(true);
    expect(long.join(' ').replaceAll(' ', '')).toBe('awordandanother,'.repeat(60));
  });

  test.prop([fc.lorem({ maxCount: 12 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    'are cut between words',
    (text, share) => {
      const heard = beginningOf(text, share);
      expect(text.startsWith(heard)).toBe(true);
      expect(['', ' ', undefined]).toContain(heard === '' || heard === text ? '' : text[heard.length]);
    },
  );
  it('in Chinese between characters', () => {
    expect(beginningOf('请问您的订单号是多少', 0.5)).toBe('请问您的订');
  });
});

it('is patient as the question wants, or else the bot, or else as everybody', () => {
  const { voice } = phoneBot.settings;
  expect(patienceFor(voice, 'order_number')).toMatchObject({ afterWordsMs: 600, withoutWordsMs: 500 });
  expect(patienceFor(voice, undefined)).toEqual({ ...PATIENCE, afterWordsMs: 300, withoutWordsMs: 500 });
  expect(patienceFor(undefined, 'order_number')).toEqual(PATIENCE);
});

it('greets in the language of the call, or else in the first of the bot', () => {
  expect(greetingOf(phoneBot, 'en-GB')).toEqual({ response: 'utter_greet', text: 'Hello!' });
  expect(greetingOf(phoneBot, 'fr')?.text).toBe('您好！');
  expect(greetingOf({ ...phoneBot, settings: { ...phoneBot.settings, voice: {} } }, 'en')).toBeUndefined();
});
