import { breakers } from '../../shared/egress/breaker.ts';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import type { Chunk } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { enginesOf } from '../../shared/speech/engines.ts';
import { written } from '../../shared/speech/listening.fixture.ts';
import { listening, type Effect } from '../../shared/speech/listening.ts';
import type { Vad } from '../../shared/speech/vad.ts';

/** What listening comes to where nothing disturbs it, and at which chunk each thing happened. */
export async function undisturbed(
  chunks: readonly Chunk[],
  vad: Vad,
  engine: Engine,
): Promise<readonly (Effect & { readonly at: number })[]> {
  const audio = memoryAudioLog();
  const ref = newCall();
  const listener = listening(ref, { vad, engines: enginesOf(() => [engine], breakers()), audio }, undefined);
  const effects: (Effect & { readonly at: number })[] = [];
  for (const chunk of await written(audio, ref, chunks)) {
    for await (const effect of listener.hear(chunk)) effects.push({ ...effect, at: chunk.number });
  }
  listener.close();
  return effects;
}

/** The lines that the log has to tell of it. */
export const linesOf = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'started':
        return [`${effect.utterance} started`];
      case 'partial':
        return [];
      case 'transcribed': {
        const { text } = effect.made;
        return [`${effect.utterance} ${effect.end}: ${text}`, ...(text === '' ? [] : [`said: ${text}`])];
      }
      case 'not-transcribed':
        return [`${effect.utterance} ${effect.reason}`];
    }
  });
