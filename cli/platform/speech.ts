import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../shared/config/config.ts';
import { EnginesConfig, type EngineAt } from '../../shared/speech/engines/config.ts';
import type { Setting } from '../../shared/speech/file/transcriber.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The recognisers that the environment names, or the one that is shipped. */
export function speechIn(env: NodeJS.ProcessEnv): Setting & { readonly engines: readonly EngineAt[] } {
  const { TURNSTREAM_ASR_ENGINES: wanted, TURNSTREAM_ASR_KEY: key } = loadConfig(EnginesConfig, env);
  // What is shipped stands beside the sources, wherever the command was called.
  const isShipped = env['TURNSTREAM_ASR_ENGINES'] === undefined;
  return { engines: isShipped ? wanted.map((at) => ({ ...at, where: join(ROOT, at.where) })) : wanted, key };
}
