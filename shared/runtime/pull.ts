import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import type { DeadLetters } from '../log/dead-letters.ts';
import { eventSubject } from '../log/subjects.ts';
import { decode, type Cipher } from '../log/wire.ts';
import { runGroup, type Group } from './chain.ts';
import { pulling, type Pulled, type Running } from './deliveries.ts';
import { failpoint } from './failpoint.ts';
import type { Host, Outcome } from './host.ts';

export { ACK_WAIT_MS, type Running } from './deliveries.ts';

export interface PullOptions {
  readonly nc: NatsConnection;
  readonly group: Group;
  /** What its durable consumer has to hand out; absent: whatever it does. */
  readonly types?: readonly string[];
  readonly host: Host;
  readonly deadLetters: DeadLetters;
  readonly cipher?: Cipher;
  /** Deliveries worked on at a time. As many again wait in the client. */
  readonly concurrency: number;
}

/** The name of the durable consumer of a group; `provision` creates it. */
export const durableOf = (group: Pick<Group, 'name'>): string => `ts-${group.name}`;

/** Runs a group on its durable consumer. Deliveries of one session wait for one another, others run side by side. */
export function pullHost(options: PullOptions): Promise<Running> {
  const { nc, group, types, deadLetters, concurrency } = options;
  const work = (pulled: Pulled) => runOn(pulled, options);
  return pulling({ nc, durable: durableOf(group), ...(types && { types }), work, deadLetters, concurrency });
}

async function runOn({ m, attempt, signal }: Pulled, { group, host, cipher }: PullOptions): Promise<Outcome> {
  failpoint('pull.before-read');
  const stored = m.headers && (await decode(m.headers, m.data, m.seq, cipher));
  failpoint('pull.after-read');
  if (!stored || 'unreadable' in stored) {
    if (stored?.unreadable === 'erased') return { kind: 'ignored' };
    throw new PlatformError('event.malformed', `not an event: ${stored?.why ?? 'no headers'}`, { retry: 'never' });
  }
  // Who may write to one session's subject must not speak in the name of another.
  if (eventSubject(stored.envelope) !== m.subject) {
    throw new PlatformError('event.malformed', 'not the event that its subject names', { retry: 'never' });
  }
  host.tail.reached(stored.envelope, stored.position);
  return runGroup(group, { stored, attempt }, host, signal);
}
