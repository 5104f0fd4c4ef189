import { basename, resolve } from 'node:path';
import { tryOut, type CheckOptions } from '../encoder/check.ts';
import type { EngineCapabilities } from './engine.ts';
import type { EngineKind } from './open.ts';

const LIMIT_MS = 60_000;

/**
 * Opens an engine's model in a process of its own and lets it listen to silence and noise, so that files that are
 * broken, or made to do harm, take nothing with them. Fails with `model.invalid` (never), naming what is to blame.
 */
export const checkEngine = (kind: EngineKind, dir: string, options: CheckOptions = {}): Promise<EngineCapabilities> =>
  tryOut<EngineCapabilities>(entry(), [kind, resolve(dir)], basename(resolve(dir)), { limitMs: LIMIT_MS, ...options });

const entry = (): URL => new URL(import.meta.url.endsWith('.ts') ? './probe.ts' : './speech-probe.js', import.meta.url);
