import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkModel } from '../../shared/encoder/check.ts';
import type { Capabilities } from '../../shared/encoder/encoder.ts';
import { MODELS, type PinnedModel } from '../../shared/encoder/models.ts';
import { checkEngine } from '../../shared/speech/check.ts';
import type { EngineCapabilities } from '../../shared/speech/engine.ts';
import { SPEECH_MODELS } from '../../shared/speech/engines/models.ts';

/** Every model that can be pulled. */
export const KNOWN: readonly PinnedModel[] = [...MODELS, ...SPEECH_MODELS];

/** Runs a model in a process of its own, as what its folder says it is. Fails with `model.invalid` (never). */
export function tryModel(dir: string): Promise<Capabilities | EngineCapabilities> {
  if (existsSync(join(dir, 'turnstream.json'))) return checkEngine('sherpa', dir);
  return isWhisper(dir) ? checkEngine('whisper', dir) : checkModel(dir);
}

/** What is wrong in the file is told by whoever reads it as what it is. */
function isWhisper(dir: string): boolean {
  try {
    const config: unknown = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
    return typeof config === 'object' && config !== null && 'model_type' in config && config.model_type === 'whisper';
  } catch {
    return false;
  }
}
