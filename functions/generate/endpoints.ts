import { targetOf } from '../../shared/egress/target.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tenant, Tenants } from '../../shared/tenancy/tenants.ts';

/** Where a tenant's language model is asked, and how much. */
export interface Endpoint {
  readonly url: string;
  /** Its name at the endpoint. */
  readonly model: string;
  readonly key?: string;
  readonly tokensPerDay: number;
  readonly allowPrivate: boolean;
}

const TOKENS_PER_DAY = 200_000;

/**
 * Reads the language models out of the tenants' configuration. `secret` reads the variable that it names. Fails with
 * `tenants.invalid` or `tenants.secret-missing` (never), at start, naming the tenant and never a value.
 */
export const endpointsOf = (
  tenants: Tenants,
  secret: (variable: string) => string | undefined,
): ReadonlyMap<string, Endpoint> =>
  new Map(
    [...tenants.values()].flatMap(({ id, languageModel }) =>
      languageModel ? [[id, endpointOf(id, languageModel, secret)] as const] : [],
    ),
  );

function endpointOf(
  tenant: string,
  {
    url: base,
    model,
    secretFrom,
    tokensPerDay = TOKENS_PER_DAY,
    allowPrivate = false,
  }: NonNullable<Tenant['languageModel']>,
  secret: (variable: string) => string | undefined,
): Endpoint {
  const url = `${base.replace(/\/+$/u, '')}/chat/completions`;
  try {
    targetOf(url, allowPrivate);
  } catch (cause) {
    const why = cause instanceof PlatformError ? cause.message : 'is not a URL';
    throw invalid(`tenant ${tenant}: languageModel: ${why}`, cause);
  }
  if (secretFrom === undefined) return { url, model, tokensPerDay, allowPrivate };
  const key = (secret(secretFrom) ?? '').trim();
  if (key === '') {
    throw new PlatformError('tenants.secret-missing', `the variable ${secretFrom} is not set`, { retry: 'never' });
  }
  if (!/^[\x21-\x7e]{1,4096}$/u.test(key)) throw invalid(`the variable ${secretFrom} is not a key`);
  return { url, model, key, tokensPerDay, allowPrivate };
}

const invalid = (message: string, cause?: unknown) =>
  new PlatformError('tenants.invalid', message, { retry: 'never', cause });
