import * as v from 'valibot';
import { defaultHome } from '../../shared/encoder/store/home.ts';

const Environment = v.object({
  TURNSTREAM_MODELS_DIR: v.exactOptional(v.string()),
  TURNSTREAM_MODELS_MIRROR: v.exactOptional(v.string()),
});

/** Options that all of `turnstream models` has. */
export interface ModelsOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

/** Where models are kept and come from: options first, then the environment, then the user's cache and the hub. */
export function modelsConfig(
  options: ModelsOptions & { readonly mirror?: string },
  env: NodeJS.ProcessEnv = process.env,
): { readonly home: string; readonly mirror: string | undefined } {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const from = v.parse(Environment, set);
  return {
    home: options.dir ?? from.TURNSTREAM_MODELS_DIR ?? defaultHome(env),
    mirror: options.mirror ?? from.TURNSTREAM_MODELS_MIRROR,
  };
}
