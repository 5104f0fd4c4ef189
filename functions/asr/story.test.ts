import { describe, expect, it } from 'vitest';
import { utteranceReceived } from '../../events/understanding.ts';
import { tailOf } from '../../shared/log/append.ts';
import type { Log } from '../../shared/log/log.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import type { Effect } from '../../shared/speech/listening.ts';
import { openCall, toldOf } from './calls.fixture.ts';
import { storyOf } from './story.ts';

type Told = Exclude<Effect, { kind: 'partial' }>;

const started = (utterance: number): Told => ({ kind: 'started', utterance, fromMs: utterance * 1_000 });
const transcribed = (utterance: number, text: string): Told => ({
  kind: 'transcribed',
  utterance,
  locale: 'en',
  fromMs: utterance * 1_000,
  toMs: utterance * 1_000 + 500,
  end: 'silence',
  made: { text, confidence: 0.9, model: 'test@1' },
});
const past = [started(1), transcribed(1, 'four two'), started(2), transcribed(2, '')];

/** A process that comes to a call, and what it tells. */
async function tell(log: Log, ref: CallRef, effects: readonly Told[]): Promise<void> {
  const story = await storyOf({ log, tail: tailOf(log), now: () => new Date('2026-01-01T00:00:00.000Z') }, ref);
  for (const effect of effects) await story.tell(effect);
}

/** A store that has forgotten its ids, as after a minute: what is told again would stand there twice. */
const forgetful = (log: Log): Log => ({
  ...log,
  async append(event, previous) {
    const result = await log.append(event, previous);
    if (result.kind === 'duplicate') throw new Error(`${event.type} is told twice`);
    return result;
  },
});

describe('what the log tells of a call', () => {
  it('is told once, also by a process that comes later than the store remembers', async () => {
    const log = memoryLog();
    const ref = await openCall(log);
    await tell(log, ref, past);
    const once = await toldOf(log, ref);
    expect(once).toEqual(['1 started', '1 silence: four two', 'said: four two', '2 started', '2 silence: ']);
    await tell(forgetful(log), ref, [started(2), transcribed(2, '')]);
    expect(await toldOf(log, ref)).toEqual(once);
  });

  it('gets its turn also where a process died between the transcript and the turn', async () => {
    const log = memoryLog();
    const ref = await openCall(log);
    const dies: Log = {
      ...log,
      append: (event, previous) =>
        event.type === utteranceReceived.type ? Promise.reject(new Error('killed')) : log.append(event, previous),
    };
    await expect(tell(dies, ref, past)).rejects.toThrow('killed');
    // Another process made out something else: what stands in the log counts.
    await tell(forgetful(log), ref, [transcribed(1, 'for two')]);
    expect(await toldOf(log, ref)).toEqual(['1 started', '1 silence: four two', 'said: four two']);
  });

  it('has one ending for each utterance, whoever ended it', async () => {
    const log = memoryLog();
    const ref = await openCall(log);
    const failed: Told = { kind: 'not-transcribed', utterance: 1, locale: 'en', fromMs: 0, toMs: 9, reason: 'failed' };
    const tellers = [started(1), failed, transcribed(1, 'yes')];
    const story = await storyOf({ log, tail: tailOf(log), now: () => new Date() }, ref);
    for (const effect of tellers) await story.tell(effect);
    expect(await toldOf(log, ref)).toEqual(['1 started', '1 failed']);
  });

  it('cannot be told in a session that is gone', async () => {
    const log = memoryLog();
    const ref = await openCall(log);
    await log.purge(ref, 1);
    await expect(tell(log, ref, past)).rejects.toMatchObject({ code: 'session.gone', retry: 'never' });
  });
});
