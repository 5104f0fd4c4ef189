import * as v from 'valibot';
import { TenantId } from '../../events/envelope.ts';
import { name } from '../../events/fields.ts';
import { PlatformError } from '../errors/index.ts';

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** The name of an environment variable: secrets never stand in the configuration itself. */
const secretFrom = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/u, 'is not the name of an environment variable'));

const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;

const claims = { issuer: v.pipe(v.string(), v.minLength(1)), audience: v.pipe(v.string(), v.minLength(1)) };
/** Private members would make the configuration a secret, so they are refused. */
const publicKey = v.pipe(
  v.looseObject({ kty: v.picklist(['RSA', 'EC', 'OKP']), kid: v.optional(v.string()), alg: v.optional(v.string()) }),
  v.check((key) => !('d' in key), 'is a private key'),
);

/** Whose tokens are believed. Algorithms are named, and those of secrets and of public keys never mix. */
export const JwtConfig = v.union([
  v.strictObject({
    ...claims,
    algorithms: v.pipe(v.array(v.picklist(PUBLIC_KEY_ALGORITHMS)), v.minLength(1)),
    keys: v.pipe(v.array(publicKey), v.minLength(1)),
  }),
  v.strictObject({ ...claims, algorithms: v.pipe(v.array(v.picklist(SECRET_ALGORITHMS)), v.minLength(1)), secretFrom }),
]);
export type JwtConfig = v.InferOutput<typeof JwtConfig>;

const keyHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u, 'is not a SHA-256 in hexadecimal'));

/** A person who takes over conversations. */
const AgentConfig = v.strictObject({
  /** SHA-256 of the agent's own API keys, hexadecimal. */
  keys: v.optional(v.array(keyHash), []),
  /** Sees the sessions that ask for one of these, and those that ask for none; absent: all. */
  skills: v.exactOptional(v.array(name)),
});

/** How much one tenant may ask for; what is absent is taken from the gateway's defaults. */
export const TenantLimits = v.strictObject({
  requestsPerSecond: v.exactOptional(positive),
  /** Requests at once after a quiet time. */
  burst: v.exactOptional(whole),
  /** Turns that are accepted and not ended. */
  turnsInFlight: v.exactOptional(whole),
  /** Event streams that are open at a time. */
  streams: v.exactOptional(whole),
  /** Calls at a time, for each process that holds them. */
  calls: v.exactOptional(whole),
  /** Bytes of sound of calls that the log keeps at a time, over all processes. */
  soundBytes: v.exactOptional(whole),
});
export type TenantLimits = v.InferOutput<typeof TenantLimits>;

/** A language model behind an endpoint that speaks OpenAI's protocol. */
const LanguageModelConfig = v.strictObject({
  /** Where its API begins; `/chat/completions` is put behind it. */
  url: v.pipe(v.string(), v.url()),
  /** Its name there. */
  model: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  /** What it is asked with; absent: it asks for no key. */
  secretFrom: v.exactOptional(secretFrom),
  /** What a tenant may use up from midnight to midnight, UTC; absent: 200,000. */
  tokensPerDay: v.exactOptional(whole),
  /** As for the webhook: a model server of the operator's own. */
  allowPrivate: v.exactOptional(v.boolean()),
});

const Webhook = v.strictObject({
  url: v.pipe(v.string(), v.url()),
  secretFrom,
  /** The server is one of the operator's own: plain HTTP, any port and private addresses are allowed. */
  allowPrivate: v.exactOptional(v.boolean()),
});
export type LanguageModelConfig = v.InferOutput<typeof LanguageModelConfig>;

const TenantConfig = v.strictObject({
  /** The name of the bot that its customers talk to. */
  bot: name,
  /** SHA-256 of its API keys, hexadecimal. */
  keys: v.optional(v.array(keyHash), []),
  /** Its agents by name. Those of a desk of the tenant's own, and those whose tokens say so, need not stand here. */
  agents: v.exactOptional(v.record(name, AgentConfig)),
  jwt: v.exactOptional(JwtConfig),
  limits: v.exactOptional(TenantLimits),
  /** Days without an event after which a session leaves for the archive. */
  idleDays: v.exactOptional(positive),
  /** Where replies are pushed to. */
  webhook: v.exactOptional(Webhook),
  /** Where a desk of the tenant's own is told who waits, and what customers say to its agents. */
  deskWebhook: v.exactOptional(Webhook),
  /** How bots reach the tenant's own systems. */
  actions: v.exactOptional(
    v.strictObject({
      /** Where the addresses of actions begin that are paths. */
      url: v.exactOptional(v.pipe(v.string(), v.url())),
      /** What requests are signed with. */
      secretFrom: v.exactOptional(secretFrom),
      /** Variables with the values of headers, by the names that bots have for them. */
      headers: v.exactOptional(v.record(name, secretFrom)),
      /** As for the webhook. */
      allowPrivate: v.exactOptional(v.boolean()),
    }),
  ),
  /** Instead of the one that all tenants have. */
  languageModel: v.exactOptional(LanguageModelConfig),
  /** Calls by telephone. */
  voice: v.exactOptional(
    v.strictObject({
      /** Whom callers are connected to when a person is asked for; absent: the person writes, and is read out. */
      transferTo: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
      /** Twilio's auth token, by which its requests are known. */
      twilioTokenFrom: v.exactOptional(secretFrom),
      /** Days for which the archive keeps what callers said as sound; absent: it keeps none. */
      keepAudioDays: v.exactOptional(positive),
    }),
  ),
});

/** A tenant's configuration. */
export type Tenant = { readonly id: TenantId } & Readonly<v.InferOutput<typeof TenantConfig>>;
export type Tenants = ReadonlyMap<TenantId, Tenant>;

/** Everything about the tenants of a deployment, as its file says it. */
export const TenantsConfig = v.strictObject({
  tenants: v.record(TenantId, TenantConfig),
  /** Of every tenant that has none of its own; each has a budget of its own. */
  languageModel: v.exactOptional(LanguageModelConfig),
});

/** Reads parsed configuration. Fails with `tenants.invalid` (never), naming the field. */
export function readTenants(config: unknown): Tenants {
  const parsed = v.safeParse(TenantsConfig, config);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const message = `the tenants' configuration is not valid: ${v.getDotPath(issue) ?? 'tenants'}: ${issue.message}`;
    throw new PlatformError('tenants.invalid', message, { retry: 'never' });
  }
  const { tenants, languageModel } = parsed.output;
  const common = languageModel && { languageModel };
  return new Map(
    Object.entries(tenants).map(([id, tenant]) => [id as TenantId, { id: id as TenantId, ...common, ...tenant }]),
  );
}
