import { readTenants, type LanguageModelConfig, type Tenant } from '../../shared/tenancy/tenants.ts';
import { keyHash } from '../secrets.ts';

/** The tenants of a platform for trying things out. Requests without a key belong to the first. */
export const TENANTS = ['demo', 'acme', 'globex'] as const;
/** Who answers where nobody has said it. */
export const BOT = 'shop-helpdesk';

/** What the tenants of such a platform have beside their keys. */
export interface TenantSettings {
  /** Who answers actions. */
  readonly examples?: string | undefined;
  readonly bot: string;
  readonly languageModel?: LanguageModelConfig | undefined;
  readonly keepAudioDays?: number | undefined;
  /** Where replies go, and what a desk is told. */
  readonly webhooks?: Pick<Tenant, 'webhook' | 'deskWebhook'>;
}

/** The same tenants as every process knows them, each with its API key. */
export const tenantsWith = (
  apiKeys: Readonly<Record<string, string>>,
  { examples, bot, languageModel, keepAudioDays, webhooks }: TenantSettings,
): ReturnType<typeof readTenants> => {
  // On loopback, beside the platform.
  const actions = examples === undefined ? {} : { actions: { url: examples, allowPrivate: true } };
  const voice = keepAudioDays === undefined ? {} : { voice: { keepAudioDays } };
  return readTenants({
    tenants: Object.fromEntries(
      TENANTS.map((id) => [id, { bot, keys: [keyHash(apiKeys[id] ?? '')], ...actions, ...voice, ...webhooks }]),
    ),
    ...(languageModel && { languageModel }),
  });
};
