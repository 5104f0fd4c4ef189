import { describe, expect, it } from 'vitest';
import { languageModelIn } from './language-model.ts';
import { BOT, tenantsWith } from './tenants.ts';

const LOCAL = { TURNSTREAM_LANGUAGE_MODEL_URL: 'http://127.0.0.1:11434/v1', TURNSTREAM_LANGUAGE_MODEL: 'qwen2.5:7b' };
const modelOf = (env: NodeJS.ProcessEnv) =>
  tenantsWith({}, { bot: BOT, languageModel: languageModelIn(env) }).get('demo' as never)?.languageModel;

describe('the language model of a platform for trying things out', () => {
  it('is the one that the environment names, also on this machine', () => {
    expect(modelOf({})).toBeUndefined();
    expect(modelOf(LOCAL)).toEqual({
      url: LOCAL.TURNSTREAM_LANGUAGE_MODEL_URL,
      model: 'qwen2.5:7b',
      allowPrivate: true,
    });
    expect(modelOf({ ...LOCAL, TURNSTREAM_LANGUAGE_MODEL_KEY: 'sk-1' })).toMatchObject({
      secretFrom: 'TURNSTREAM_LANGUAGE_MODEL_KEY',
    });
  });

  it('needs a name', () => {
    const nameless = { TURNSTREAM_LANGUAGE_MODEL_URL: LOCAL.TURNSTREAM_LANGUAGE_MODEL_URL };
    expect(() => modelOf(nameless)).toThrow(expect.objectContaining({ code: 'tenants.invalid' }) as Error);
  });
});
