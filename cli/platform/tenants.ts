import { readTenants, type LanguageModelConfig } from '../../shared/tenancy/tenants.ts';
import { keyHash } from '../secrets.ts';

/** The tenants of a platform for trying things out. Requests without a key belong to the first. */
export const TENANTS = ['demo', 'acme', 'globex'] as const;
/** Who answers where nobody has said it. */
export const BOT = 'shop-helpdesk';

/** The same tenants as the gateway and the archive know them, each with its API key. `examples`: who answers actions. */
export const tenantsWith = (
  apiKeys: Readonly<Record<string, string>>,
  examples?: string,
  bot: string = BOT,
  languageModel?: LanguageModelConfig,
): ReturnType<typeof readTenants> => {
  // On loopback, beside the platform.
  const actions = examples === undefined ? {} : { actions: { url: examples, allowPrivate: true } };
  return readTenants({
    tenants: Object.fromEntries(TENANTS.map((id) => [id, { bot, keys: [keyHash(apiKeys[id] ?? '')], ...actions }])),
    ...(languageModel && { languageModel }),
  });
};
