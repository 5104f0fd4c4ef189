import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../../shared/errors/index.ts';
import { requests } from '../../shared/log/requests.ts';
import { rawHeaders } from '../../shared/log/wire.ts';

/** Counts what each tenant uses up in a day. */
export interface Budget {
  /**
   * Adds to what a tenant has used up on a day, and says how much that is now. Less than nothing gives back.
   * Fails with `log.unavailable` or `log.refused` (later).
   */
  readonly add: (tenant: string, day: string, tokens: number) => Promise<number>;
}

/**
 * Counters of the server (ADR-49): it adds up by itself, so any number of processes count without a lock and without
 * reading, and what is counted survives all of them. One request, 0.2 ms.
 */
export function serverBudget(nc: NatsConnection): Budget {
  // Not before it is needed: every process that could count would listen for answers.
  let send: ReturnType<typeof requests> | undefined;
  return {
    async add(tenant, day, tokens) {
      const step = `${tokens < 0 ? '' : '+'}${tokens}`;
      const headers = rawHeaders(`NATS/1.0\r\nNats-Incr: ${step}\r\n\r\n`);
      send ??= requests(nc);
      const answer = await send.one(`spent.${tenant}.${day}`, new Uint8Array(), headers);
      const { val, error } = answer.json<{ val?: string; error?: { err_code?: number } }>();
      if (val !== undefined) return Number(val);
      const message = `the log refused to count (${error?.err_code ?? 0})`;
      throw new PlatformError('log.refused', message, { retry: 'later', retryAfterMs: 1_000 });
    },
  };
}

/** The day that a moment belongs to, UTC. */
export const dayOf = (now: Date): string => now.toISOString().slice(0, 10);
