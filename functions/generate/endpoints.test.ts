import { describe, expect, it } from 'vitest';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { endpointsOf } from './endpoints.ts';

const LOCAL = { url: 'http://127.0.0.1:11434/v1/', model: 'qwen2.5:7b', allowPrivate: true };
const secrets = (variable: string) => ({ MODEL_KEY: 'sk-1\n', BROKEN: 'sk 1\r\nhost: evil' })[variable];
const endpointsIn = (config: object) => endpointsOf(readTenants(config), secrets);

describe('the language model of a tenant', () => {
  it('is its own, else the one that all tenants have, else none', () => {
    const own = { url: 'https://models.example/v1', model: 'large', secretFrom: 'MODEL_KEY', tokensPerDay: 5 };
    const tenants = { acme: { bot: 'shop' }, globex: { bot: 'shop', languageModel: own } };
    expect(Object.fromEntries(endpointsIn({ tenants, languageModel: LOCAL }))).toEqual({
      acme: {
        url: 'http://127.0.0.1:11434/v1/chat/completions',
        model: 'qwen2.5:7b',
        tokensPerDay: 200_000,
        allowPrivate: true,
      },
      globex: {
        url: 'https://models.example/v1/chat/completions',
        model: 'large',
        key: 'sk-1',
        tokensPerDay: 5,
        allowPrivate: false,
      },
    });
    expect([...endpointsIn({ tenants }).keys()]).toEqual(['globex']);
  });

  it.each([
    ['plain HTTP that nobody has allowed', { ...LOCAL, allowPrivate: false }, 'tenants.invalid'],
    ['a user in its address', { ...LOCAL, url: 'http://me:secret@127.0.0.1/v1' }, 'tenants.invalid'],
    ['a key that is not there', { ...LOCAL, secretFrom: 'ABSENT' }, 'tenants.secret-missing'],
    ['a key that is none', { ...LOCAL, secretFrom: 'BROKEN' }, 'tenants.invalid'],
    ['a key in plain text', { ...LOCAL, secretFrom: 'sk-1' }, 'tenants.invalid'],
    ['no model', { ...LOCAL, model: '' }, 'tenants.invalid'],
    ['no budget', { ...LOCAL, tokensPerDay: 0 }, 'tenants.invalid'],
  ])('is refused at start with %s, without telling it', (_what, languageModel, code) => {
    const read = () => endpointsIn({ tenants: { acme: { bot: 'shop', languageModel } } });
    expect(read).toThrow(expect.objectContaining({ code }) as Error);
    expect(read).not.toThrow(/evil|secret@|sk-1/u);
  });
});
