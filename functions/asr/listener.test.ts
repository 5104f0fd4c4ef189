import { describe, expect, it } from 'vitest';
import { breakers } from '../../shared/egress/breaker.ts';
import { tailOf } from '../../shared/log/append.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { memoryAudioLog, memoryHearing } from '../../shared/speech/audio-memory.ts';
import { enginesOf } from '../../shared/speech/engines.ts';
import {
  chunksOf,
  hashingEngine,
  loudnessVad,
  silence,
  sounds,
  tone,
  written,
} from '../../shared/speech/listening.fixture.ts';
import { openCall, toldOf } from './calls.fixture.ts';
import { listener } from './listener.ts';
import { linesOf, undisturbed } from './reference.fixture.ts';
import { storyOf } from './story.ts';

const chunks = chunksOf(sounds(silence(300), tone(700), silence(1_100), tone(900, 2), silence(300)));

/** A call whose sound is there, and processes that listen to it. */
async function stand() {
  const log = memoryLog();
  const writing = { log, tail: tailOf(log), now: () => new Date('2026-01-01T00:00:00.000Z') };
  const audio = memoryAudioLog();
  const hearing = memoryHearing();
  const ref = await openCall(log);
  const engine = hashingEngine();
  const process = (self: string) => {
    const engines = enginesOf(() => [engine], breakers());
    return listener({
      ...writing,
      vad: loudnessVad,
      engines,
      audio,
      hearing,
      self,
      calls: 10,
      announce: () => undefined,
    });
  };
  const wanted = linesOf(await undisturbed(chunks, loudnessVad, engine));
  return { log, writing, hearing, ref, process, wanted, stored: await written(audio, ref, chunks) };
}

describe('a process that comes to a call', () => {
  it('counts its utterances from the beginning, also where another has told of them and not written its state', async () => {
    const { log, writing, ref, process, wanted, stored } = await stand();
    const story = await storyOf(writing, ref);
    await story.tell({ kind: 'started', utterance: 1, fromMs: 300 });
    const last = stored.at(-1);
    if (!last) throw new Error('there is no sound');
    expect(await process('one').hear(ref, last)).toBe(true);
    expect(await toldOf(log, ref)).toEqual(wanted);
  });

  it('tells what the call comes to, chunk by chunk or all at once, with others or alone', async () => {
    const { log, ref, process, wanted, stored } = await stand();
    const processes = [process('one'), process('other')];
    for (const [i, chunk] of stored.entries()) {
      // Whoever was slower leaves the call to the other, and goes on from its state when it is asked again.
      const one = processes[Math.floor(i / 3) % 2];
      if (!(await one?.hear(ref, chunk))) expect(await one?.hear(ref, chunk)).toBe(true);
    }
    expect(await toldOf(log, ref)).toEqual(wanted);
  });
});
