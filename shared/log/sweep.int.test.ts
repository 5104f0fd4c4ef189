import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { keyring } from '../crypto/keyring.ts';
import { tenantKeysOf } from '../crypto/tenant-keys.fixture.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { tailOf } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import type { SessionRef } from './log.ts';
import { provision } from './provision.ts';
import { sweep, type SweepOptions, type Swept } from './sweep.ts';
import { eventSubject } from './subjects.ts';

const TENANTS = ['acme', 'globex'] as TenantId[];
const keys = tenantKeysOf('acme', 'globex', 'other');

let server: TestServer;
let nc: NatsConnection;
const refs: SessionRef[] = [];
beforeAll(async () => {
  server = await startBroker();
  nc = await server.nc();
  await provision(nc, { replicas: 1, durables: [] });
  const tail = tailOf(jetstreamLog(nc, { cipher: keyring(nc, keys) }));
  // More than one answer's worth of events, those of the sessions mixed with one another.
  for (let i = 0; i < 40; i++) refs.push(newSession(TENANTS[i % 2]));
  for (const ref of refs) await tail.append(incoming(ref, opening()));
  for (let n = 0; n < 14; n++) await Promise.all(refs.map((ref) => tail.append(incoming(ref, saying(`message ${n}`)))));
});
afterAll(() => server.stop());

async function swept(options: SweepOptions = {}): Promise<readonly Swept[]> {
  const all: Swept[] = [];
  for await (const one of sweep(nc, { cipher: keyring(nc, keys), ...options })) all.push(one);
  return all;
}
const names = (all: readonly { readonly session: string }[]) => all.map(({ session }) => session).sort();

describe('a sweep', () => {
  it.each([
    ['in one pass', {}],
    ['partition by partition', { onePassBytes: 0 }],
  ])('yields every session once, with all of its events in order, %s', async (_, options) => {
    const progress: number[] = [];
    const all = await swept({ ...options, onProgress: (part) => progress.push(part) });
    expect(names(all.map(({ ref }) => ref))).toEqual(names(refs));
    for (const { events, damaged, erased } of all) {
      expect(events.map((s) => s.previous)).toEqual([0, ...events.slice(0, -1).map((s) => s.position)]);
      expect(events).toHaveLength(15);
      expect(events.at(-1)?.envelope.data).toMatchObject({ text: 'message 13' });
      expect({ damaged, erased }).toEqual({ damaged: [], erased: false });
    }
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  it('keeps to one tenant, or to one session', async () => {
    const acme = refs.filter(({ tenant }) => tenant === 'acme');
    expect(names((await swept({ tenant: 'acme' as TenantId })).map(({ ref }) => ref))).toEqual(names(acme));
    const [first] = refs;
    expect((await swept({ ...first })).map(({ ref }) => ref)).toEqual([first]);
    expect(await swept({ tenant: 'nobody' as TenantId })).toEqual([]);
  });

  it('shows what is damaged, what stands in the wrong place, and what was erased, and goes on', async () => {
    const other = 'other' as TenantId;
    const ring = keyring(nc, keys);
    const tail = tailOf(jetstreamLog(nc, { cipher: ring }));
    const [damaged, erased] = [newSession(other), newSession(other)];
    for (const ref of [damaged, erased]) await tail.append(incoming(ref, opening()));
    const subject = eventSubject({ ...damaged, type: 'turn.replied' });
    const { seq } = await jetstream(nc).publish(subject, 'nonsense');
    await ring.erase(erased, new Date());

    const all = new Map((await swept({ tenant: other, cipher: ring })).map((s) => [s.ref.session, s]));
    expect(all.get(damaged.session)).toMatchObject({ damaged: [{ position: seq }], events: { length: 1 } });
    expect(all.get(erased.session)).toMatchObject({ erased: true, events: [], damaged: [] });
    // Without the keys nothing can be read, and that is not taken for an erasure.
    const blind: Swept[] = [];
    for await (const one of sweep(nc, { tenant: other })) blind.push(one);
    expect(blind.map((s) => s.erased)).toEqual([false, false]);
    expect(blind.every((s) => s.damaged.length > 0)).toBe(true);
  });
});
