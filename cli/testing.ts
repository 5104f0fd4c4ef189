import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { jetstream } from '@nats-io/jetstream';
import type { Envelope, TenantId } from '../events/envelope.ts';
import { sessionOpened } from '../events/session.ts';
import { utteranceReceived } from '../events/understanding.ts';
import { groupsOf } from '../functions/index.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { readSession } from '../shared/log/read.ts';
import { eventSubject } from '../shared/log/subjects.ts';
import { runGroup } from '../shared/runtime/chain.ts';
import { readEvent } from '../shared/runtime/read-event.ts';
import { snapshotOf } from '../shared/runtime/seal.ts';
import { dialogue } from '../shared/session/fold.ts';
import { canonicalBot } from '../shared/bot/canonical.ts';
import { testBot } from '../shared/testing/bot.ts';
import { incoming, newSession, testHost } from '../shared/testing/rig.ts';

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a user would: a process of its own. */
export function turnstream(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Ran> {
  const { FORCE_COLOR: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), ...args],
      // Where no platform runs: only what is named is found.
      { env: { ...env, TURNSTREAM_DIR: '/nowhere', ...options.env }, maxBuffer: 1 << 26 },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** The test bot under the hash of its content, so that it can be published. */
export const publishableBot = canonicalBot(testBot);
const bot = { name: publishableBot.name, hash: publishableBot.hash };

/** A conversation as the platform writes it, with understanding by keyword. */
export async function conversation(
  nc: NatsConnection,
  texts: readonly string[],
  tenant = 'acme' as TenantId,
  log = jetstreamLog(nc),
): Promise<SessionRef> {
  const host = testHost(log, { now: () => new Date(), bots: () => publishableBot });
  const ref = newSession(tenant);
  const now = () => ({ time: new Date().toISOString() });
  await host.tail.append(incoming(ref, sessionOpened({ channel: 'test', bot }), now()));
  for (const text of texts) {
    const said = utteranceReceived({ text, locale: 'en', channel: 'test', bot });
    const placed = await host.tail.append(incoming(ref, said, now()));
    if (placed.kind === 'duplicate') throw new Error('a new id is known');
    for (const group of groupsOf('chained')) {
      await runGroup(group, { stored: placed.stored, attempt: 1 }, host, new AbortController().signal);
    }
  }
  return ref;
}

/** How a copy differs from its original. */
export interface Tampering {
  /** What is written in the place of an event: nothing, itself changed, or more. */
  readonly event?: (event: Envelope, i: number, all: readonly Envelope[]) => readonly Envelope[];
  readonly previous?: (right: number, i: number) => number;
}

/**
 * Writes a copy of a session into the log as another session, past everything that checks appends. States and bases
 * are those of the copy, so without tampering nothing is wrong with it.
 */
export async function plant(nc: NatsConnection, ref: SessionRef, tampering: Tampering = {}): Promise<SessionRef> {
  const { session } = newSession(ref.tenant);
  const js = jetstream(nc);
  const originals = (await readSession(jetstreamLog(nc), ref)).map(({ envelope }) => ({ ...envelope, session }));
  let state = dialogue.initial;
  let previous = 0;
  for (const [i, original] of originals.entries()) {
    const right = original.type === 'policy.decided' ? onState(original, state, previous) : original;
    for (const event of tampering.event?.(right, i, originals) ?? [right]) {
      const hdrs = headers();
      for (const [name, value] of Object.entries(attributes(event))) hdrs.set(name, String(value));
      hdrs.set('ce-previous', String(tampering.previous?.(previous, i) ?? previous));
      const ack = await js.publish(eventSubject({ ...event, session }), JSON.stringify(event.data), { headers: hdrs });
      previous = ack.seq;
    }
    state = dialogue.evolve(state, readEvent({ envelope: right, position: previous, previous: 0 }));
  }
  return { tenant: ref.tenant, session };
}

const onState = (decision: Envelope, state: typeof dialogue.initial, basis: number): Envelope => ({
  ...decision,
  basis,
  data: { ...(decision.data as object), snapshot: snapshotOf(dialogue as never, state) },
});

const attributes = ({ id, type, revision, tenant, session, turn, time, causation, emitter, basis }: Envelope) => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-type': type,
  'ce-revision': revision,
  'ce-tenant': tenant,
  'ce-subject': session,
  ...(turn && { 'ce-turn': turn }),
  'ce-time': time,
  ...(causation && { 'ce-causation': causation }),
  'ce-source': emitter,
  ...(basis !== undefined && { 'ce-basis': basis }),
});
