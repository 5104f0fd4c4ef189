import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../console/page/sse.js';
import { isSettled, taken, understood } from './progress.ts';

type Given = readonly [type: string, id: string, data?: object, more?: Partial<SessionEvent>];
const events = (...given: readonly Given[]): readonly SessionEvent[] =>
  given.map(([type, id, data = {}, more], i) => ({
    type,
    id,
    data,
    position: i + 1,
    previous: i,
    time: '',
    emitter: 'test',
    ...more,
  }));

const began: Given = ['speech.started', 's', { utterance: 1 }];
const final: Given = ['speech.transcribed', 'f', { utterance: 1, text: 'hello' }];
const received: Given = ['utterance.received', 't', {}, { causation: 'f', turn: 't' }];
const replied: Given = ['turn.replied', 'r', { messages: [{ text: 'Hello!' }] }, { turn: 't' }];
const played: Given = ['playback.completed', 'p', { of: 'r' }];
const broken: Given = ['playback.interrupted', 'b', { of: 'r' }];

describe('a call in which', () => {
  it.each<[string, readonly Given[], boolean]>([
    ['nothing was said', [], true],
    ['somebody speaks', [began], false],
    ['words are not a turn yet', [began, final], false],
    ['a turn has no ending', [began, final, received], false],
    ['the answer is being said', [began, final, received, replied], false],
    ['the answer was heard', [began, final, received, replied, played], true],
    ['the answer was broken off', [began, final, received, replied, broken], true],
    [
      'the answer goes on after a cough',
      [began, final, received, replied, broken, ['playback.resumed', 'g', { of: 'r' }]],
      false,
    ],
    ['there is nothing to say', [began, final, received, ['turn.superseded', 'r', {}, { turn: 't' }]], true],
    ['there were no words', [began, ['speech.transcribed', 'f', { utterance: 1, text: '' }]], true],
    ['nobody could make it out', [began, ['speech.not-transcribed', 'f', { utterance: 1 }]], true],
    ['keys are not a turn yet', [['digits.entered', 'k', { digits: '1' }]], false],
    ['keys were answered', [['digits.entered', 'f', { digits: '1' }], received, replied, played], true],
  ])('%s', (_, given, settled) => {
    expect(isSettled(events(...given))).toBe(settled);
  });
});

it('counts what was taken for something said, and what of it was words', () => {
  const all = events(
    final,
    ['speech.transcribed', 'e', { utterance: 2, text: '' }],
    ['speech.not-transcribed', 'n', { utterance: 3 }],
    ['digits.entered', 'k', { digits: '1' }],
  );
  expect([taken(all), understood(all)]).toEqual([4, 2]);
});
