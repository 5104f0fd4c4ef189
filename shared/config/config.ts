import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import { withSecretFiles } from './secret-files.ts';

const integer = (min: number, max: number) =>
  v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(min), v.maxValue(max));
const flag = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((s) => s === 'true'),
);

/** What every process of the platform takes from its environment. */
export const ConnectionConfig = v.object({
  /** Servers, separated by commas. */
  TURNSTREAM_NATS_URL: v.optional(v.string(), 'nats://127.0.0.1:4222'),
  TURNSTREAM_NATS_USER: v.exactOptional(v.string()),
  TURNSTREAM_NATS_PASSWORD: v.exactOptional(v.string()),
  /** Path of a file with the tenants' keys; absent: events are stored as they are. */
  TURNSTREAM_TENANT_KEYS: v.exactOptional(v.string()),
});
export type ConnectionConfig = v.InferOutput<typeof ConnectionConfig>;

/** What a process that hosts functions takes besides. */
export const FunctionConfig = v.object({
  ...ConnectionConfig.entries,
  /** Deliveries worked on at a time. */
  TURNSTREAM_CONCURRENCY: v.optional(integer(1, 1_000), '128'),
  /** Sessions whose state is remembered between turns; 0: each decision reads the log. */
  TURNSTREAM_SESSION_CACHE: v.optional(integer(0, 1_000_000), '20000'),
  /** Where health, readiness and metrics are served; 0: any free port. */
  TURNSTREAM_OPS_HOST: v.optional(v.string(), '0.0.0.0'),
  TURNSTREAM_OPS_PORT: v.optional(integer(0, 65_535), '9090'),
  /** For fault tests: the failpoint at which the process kills itself. */
  TURNSTREAM_FAILPOINT: v.exactOptional(v.string()),
});
export type FunctionConfig = v.InferOutput<typeof FunctionConfig>;

/** What a process takes that hosts functions of turns, on a durable consumer or behind HTTP. */
export const GroupConfig = v.object({
  ...FunctionConfig.entries,
  /** Path of the tenants' file, for functions that reach their systems. */
  TURNSTREAM_TENANTS: v.exactOptional(v.string()),
  /** Path of a file with the variables that the tenants' file names, `NAME=value` in each line, where secrets are files. */
  TURNSTREAM_TENANT_SECRETS: v.exactOptional(v.string()),
  /** `pull`: from its durable consumer. `http`: what a relay posts to it, as Knative and OpenFaaS have it. */
  TURNSTREAM_HOST_MODE: v.optional(v.picklist(['pull', 'http']), 'pull'),
  /** Where events are posted to; 0: any free port. */
  TURNSTREAM_HOST: v.optional(v.string(), '0.0.0.0'),
  TURNSTREAM_PORT: v.optional(integer(0, 65_535), '8080'),
  /** How long it goes on serving once it was asked to stop: until nobody sends it anything any more. */
  TURNSTREAM_LINGER_MS: v.optional(integer(0, 600_000), '1000'),
});

/** What the relay takes besides. */
export const RelayConfig = v.object({
  ...FunctionConfig.entries,
  /** Where each group of functions is: a JSON object of URLs by the group's name. */
  TURNSTREAM_RELAY_TARGETS: v.string(),
  /** How long a function may take to answer, its start from zero included. Longer than all its own time limits. */
  TURNSTREAM_RELAY_DEADLINE_MS: v.optional(integer(1_000, 600_000), '30000'),
  /** Groups that some turns need, with commas: started beforehand too, once those that every turn needs run. */
  TURNSTREAM_RELAY_LATER: v.optional(v.string(), 'knowledge'),
  /** Groups that few turns need, with commas: started when they are, and not beforehand. */
  TURNSTREAM_RELAY_SELDOM: v.optional(v.string(), 'outside,action,generate'),
});

/** What the gateway takes besides. */
export const GatewayConfig = v.object({
  ...FunctionConfig.entries,
  TURNSTREAM_HOST: v.optional(v.string(), '0.0.0.0'),
  TURNSTREAM_PORT: v.optional(integer(0, 65_535), '8080'),
  /** Path of the tenants' file. */
  TURNSTREAM_TENANTS: v.string(),
  /** Path of the folder with the bots that the tenants name. */
  TURNSTREAM_BOTS: v.optional(v.string(), 'bots'),
  /** Turns a channel's user names into session ids; the same for every gateway. At least 32 characters. */
  TURNSTREAM_SESSION_KEY: v.pipe(v.string(), v.minLength(32)),
  /** Requests without a key belong to the tenant `demo`. Only on loopback. */
  TURNSTREAM_OPEN_DEMO: v.optional(flag, 'false'),
});
export type GatewayConfig = v.InferOutput<typeof GatewayConfig>;

/**
 * Reads a configuration from the environment and the files that it names, once, in a composition root.
 * Fails with `config.invalid`, naming the variables that are missing or wrong, never their values.
 */
export function loadConfig<S extends v.GenericSchema>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): v.InferOutput<S> {
  const given = Object.fromEntries(
    Object.entries(withSecretFiles(env)).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return parsed.output;
  const names = [...new Set(parsed.issues.map((issue) => v.getDotPath(issue) ?? 'environment'))].join(', ');
  throw new PlatformError('config.invalid', `missing or wrong in the environment: ${names}`, { retry: 'never' });
}
