import type { TenantId } from '../../events/envelope.ts';
import { HttpProblem, problem } from '../../shared/http/problem.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import type { GatewayLimits } from './options.ts';

/** What one tenant has in use here. A tenant's rush uses up its own quota and nobody else's. */
export interface Quota {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly turnsInFlight: number;
  readonly streams: number;
  /** Requests that may still be made at once, as of `filledAt` (milliseconds). */
  tokens: number;
  filledAt: number;
  turns: number;
  openStreams: number;
}

/** The quotas of all tenants; each is made when it is first asked for. */
export function quotas(tenants: Tenants, defaults: GatewayLimits): (tenant: TenantId) => Quota {
  const made = new Map<TenantId, Quota>();
  return (id) => {
    const known = made.get(id);
    if (known) return known;
    const { requestsPerSecond, burst, turnsInFlight, streams } = { ...defaults, ...tenants.get(id)?.limits };
    const quota = { requestsPerSecond, burst, turnsInFlight, streams };
    const fresh: Quota = { ...quota, tokens: burst, filledAt: -Infinity, turns: 0, openStreams: 0 };
    made.set(id, fresh);
    return fresh;
  };
}

/** Takes a request out of a tenant's token bucket; the problem where it is empty. */
export function take(quota: Quota, nowMs: number): HttpProblem | undefined {
  const since = nowMs - quota.filledAt;
  if (since > 0) {
    quota.tokens = Math.min(quota.burst, quota.tokens + (since * quota.requestsPerSecond) / 1_000);
    quota.filledAt = nowMs;
  }
  if (quota.tokens >= 1) {
    quota.tokens -= 1;
    return undefined;
  }
  return exceeded('requests', quota.burst, Math.ceil((1 - quota.tokens) / quota.requestsPerSecond), {
    window: Math.ceil(quota.burst / quota.requestsPerSecond),
  });
}

/**
 * Too much was asked for. Headers as draft-ietf-httpapi-ratelimit-headers-11 has them; `window` in seconds where the
 * quota is one over time.
 */
export function exceeded(policy: string, quota: number, seconds: number, { window = 0 } = {}): HttpProblem {
  const wait = Math.max(1, seconds);
  const body = {
    ...problem(429, '', 'Too much was asked for', { detail: `more than ${quota} ${policy}` }),
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    'violated-policies': [policy],
  };
  return new HttpProblem(body, {
    'retry-after': String(wait),
    'ratelimit-policy': `"${policy}";q=${quota}${window > 0 ? `;w=${window}` : ''}`,
    ratelimit: `"${policy}";r=0;t=${wait}`,
  });
}
