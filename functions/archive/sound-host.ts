import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../../shared/runtime/pull.ts';
import { keepSoundOnce, SOUND_EVERY_MS, type KeptReport, type SoundKeeping } from './keep-sound.ts';

/**
 * Keeps the sound of calls again and again until it is stopped: with a last look, since calls may have ended after the
 * one before, and the stream may have forgotten them when this runs again.
 */
export function soundHost(
  keeping: SoundKeeping,
  watch: { readonly onReport: (report: KeptReport) => void; readonly onError: (error: unknown) => void },
): Running {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await keepSoundOnce(keeping).then(watch.onReport, watch.onError);
      await delay(SOUND_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
      await keepSoundOnce(keeping).then(watch.onReport, watch.onError);
    },
  };
}
