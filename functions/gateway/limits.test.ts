import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { quotas, take } from './limits.ts';
import { DEFAULT_LIMITS } from './options.ts';

const tenants = readTenants({
  tenants: { acme: { bot: 'b', limits: { requestsPerSecond: 10, burst: 3 } }, rival: { bot: 'b' } },
});
const quotaOf = () => quotas(tenants, DEFAULT_LIMITS)('acme' as TenantId);

describe('the rate of a tenant', () => {
  it('lets a burst through, and then as many as there is time for', () => {
    const quota = quotaOf();
    const at = [0, 0, 0, 0, 50, 100, 150, 200, 10_000, 10_000, 10_000, 10_000];
    expect(at.map((ms) => take(quota, ms) === undefined)).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('says how long to wait, and what the quota is', () => {
    const quota = quotaOf();
    for (let i = 0; i < 3; i++) take(quota, 0);
    const refused = take(quota, 0);
    expect(refused?.headers).toEqual({
      'retry-after': '1',
      'ratelimit-policy': '"requests";q=3;w=1',
      ratelimit: '"requests";r=0;t=1',
    });
    expect(refused?.problem).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['requests'],
    });
  });

  it('is its own: another tenant has the defaults', () => {
    const of = quotas(tenants, DEFAULT_LIMITS);
    for (let i = 0; i < 10; i++) take(of('acme' as TenantId), 0);
    expect(take(of('rival' as TenantId), 0)).toBeUndefined();
    expect(of('rival' as TenantId)).toMatchObject({ turnsInFlight: DEFAULT_LIMITS.turnsInFlight });
  });

  it('does not grow when a clock stands still or goes back', () => {
    const quota = quotaOf();
    for (let i = 0; i < 3; i++) take(quota, 1_000);
    expect(take(quota, 1_000)).toBeDefined();
    expect(take(quota, 0)).toBeDefined();
    expect(take(quota, 1_000)).toBeDefined();
  });
});
