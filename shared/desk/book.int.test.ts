import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/nats-core';
import { jetstreamManager } from '@nats-io/jetstream';
import type { TenantId } from '../../events/envelope.ts';
import { provision } from '../log/provision.ts';
import { DESK } from '../log/streams.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { newSession } from '../testing/rig.ts';
import { deskBook, type DeskBook } from './book.ts';
import type { DeskEntry, DeskNote } from './entry.ts';

const ACME = 'acme' as TenantId;
const taken = (agent: string): DeskEntry => ({
  kind: 'taken',
  since: '2026-01-01T00:00:00.000Z',
  channel: 'web',
  locale: 'zh-Hans',
  agent,
});
const waiting: DeskEntry = {
  kind: 'waiting',
  since: '2026-01-01T00:00:00.000Z',
  channel: 'web',
  locale: 'zh-Hans',
  reason: 'flow human',
  priority: 'normal',
};

let broker: TestServer;
let nc: NatsConnection;
let book: DeskBook;

beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  book = deskBook(nc);
});
afterAll(() => broker.stop());

const noteOf = async (session: string) => (await book.read(ACME)).find((n) => n.session === session)?.note;

describe('what is known of a session at the desk', () => {
  it('is what the last decision says, in whichever order and however often they are written down', async () => {
    const decisions: readonly DeskNote[] = [1, 2, 3, 4, 5].map((position) =>
      position % 2 === 0 ? { position } : { position, entry: taken(`agent-${position}`) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(4), { maxLength: 8 }),
        fc.boolean(),
        async (count, order, atOnce) => {
          const ref = newSession();
          const happened = decisions.slice(0, count);
          // Each of them at least once, since what is not done is repeated; the others late or twice.
          const writes = [...order, 0, 1, 2, 3, 4].flatMap((i) => happened[i] ?? []);
          if (atOnce) await Promise.all(writes.map((note) => book.note(ref, note)));
          else for (const note of writes) await book.note(ref, note);
          expect(await noteOf(ref.session)).toEqual(happened.at(-1));
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);

  it('tells an agent where the customer wrote last, and nothing of one who waits or has left', async () => {
    const ref = newSession();
    const wrote = (position: number) => book.note(ref, { position, wrote: true });
    await wrote(1);
    expect(await noteOf(ref.session)).toBeUndefined();
    await book.note(ref, { position: 2, entry: waiting });
    await wrote(3);
    expect(await noteOf(ref.session)).toEqual({ position: 2, entry: waiting });
    await book.note(ref, { position: 4, entry: taken('ann') });
    // Late, and then as it should be, twice.
    for (const position of [3, 6, 5, 6]) await wrote(position);
    expect(await noteOf(ref.session)).toEqual({ position: 6, entry: { ...taken('ann'), wrote: 6 } });
    await book.note(ref, { position: 7 });
    await wrote(8);
    expect(await noteOf(ref.session)).toEqual({ position: 7 });
  });

  it('is forgotten by the server once it has left, and not before', async () => {
    const ref = newSession();
    await book.note(ref, { position: 1, entry: taken('ann') });
    const streams = (await jetstreamManager(nc)).streams;
    const lifetime = async () =>
      (await streams.getMessage(DESK, { last_by_subj: `desk.acme.${ref.session}` }))?.header.get('Nats-TTL');
    expect(await lifetime()).toBe('');
    await book.note(ref, { position: 2 });
    expect(await lifetime()).toBe('86400');
    // A late repeat of the first decision does not bring it back.
    await book.note(ref, { position: 1, entry: taken('ann') });
    expect(await noteOf(ref.session)).toEqual({ position: 2 });
  });

  it('is read from a place on, and only by its tenant', async () => {
    const [mine, others] = [newSession(), newSession('globex' as TenantId)];
    await book.note(mine, { position: 1, entry: taken('ann') });
    const place = (await book.read(ACME)).at(-1)?.place ?? 0;
    await book.note(others, { position: 1, entry: taken('eve') });
    expect(await book.read(ACME, place)).toEqual([]);
    await book.note(mine, { position: 2, entry: taken('ben') });
    expect(await book.read(ACME, place)).toMatchObject([{ session: mine.session, note: { entry: { agent: 'ben' } } }]);
  });

  it('is told when it changes', async () => {
    const ref = newSession();
    const heard: unknown[] = [];
    const following = book.follow(ACME, (noted) => heard.push(noted));
    await nc.flush();
    await book.note(ref, { position: 1, entry: taken('ann') });
    await expect.poll(() => heard).toMatchObject([{ session: ref.session, note: { position: 1 } }]);
    following.stop();
  });

  it('leaves with a session that is not in the log any more', async () => {
    const ref = newSession();
    await book.forget(ref);
    expect(await noteOf(ref.session)).toBeUndefined();
    await book.note(ref, { position: 3, entry: taken('ann') });
    await book.forget(ref);
    expect(await noteOf(ref.session)).toEqual({ position: 3 });
  });
});
