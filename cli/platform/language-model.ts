import type { LanguageModelConfig } from '../../shared/tenancy/tenants.ts';

const KEY = 'TURNSTREAM_LANGUAGE_MODEL_KEY';

/**
 * The language model that the environment names, for trying one out: none without an address. Whoever starts a platform
 * on their own machine may name a server on it.
 */
export function languageModelIn(env: NodeJS.ProcessEnv): LanguageModelConfig | undefined {
  const { TURNSTREAM_LANGUAGE_MODEL_URL: url, TURNSTREAM_LANGUAGE_MODEL: model } = env;
  if (!url) return undefined;
  return { url, model: model ?? '', allowPrivate: true, ...(env[KEY] && { secretFrom: KEY }) };
}
