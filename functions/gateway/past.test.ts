import { describe, expect, it } from 'vitest';
import type { DataOf } from '../../events/define.ts';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { sessionResumed } from '../../events/session.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Log, SessionRef } from '../../shared/log/log.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { recall, sessionCache } from '../../shared/runtime/recall.ts';
import { snapshotOf } from '../../shared/runtime/seal.ts';
import { dialogue } from '../../shared/session/fold.ts';
import { typesOf } from '../../shared/testing/rig.ts';
import { clientIn, functionsOn, gatewayOn } from './gateway.fixture.ts';
import type { GatewayOptions } from './options.ts';

type Archived = DataOf<typeof sessionResumed>['archived'];

const refOf = (session: SessionId): SessionRef => ({ tenant: 'acme' as TenantId, session });

/** A platform whose sessions can be erased and archived; each `gateway` is a process that remembers nothing yet. */
function platform() {
  const log = memoryLog();
  functionsOn(log);
  const erased = new Set<string>();
  const archive = new Map<string, Archived>();
  const sealed: Log = {
    ...log,
    append: (event, previous) =>
      erased.has(event.session)
        ? Promise.reject(new PlatformError('session.erased', 'the session was erased', { retry: 'never' }))
        : log.append(event, previous),
  };
  const past: Partial<GatewayOptions> = {
    isErased: ({ session }) => erased.has(session),
    archivedOf: ({ session }) => Promise.resolve(archive.get(session)),
  };
  return {
    log,
    gateway: () => gatewayOn(sealed, past),
    async erase(session: SessionId) {
      erased.add(session);
      await log.purge(refOf(session), Infinity);
    },
    async leave(session: SessionId) {
      const { state } = await recall(log, sessionCache(0), dialogue as never, refOf(session), 0);
      archive.set(session, { object: 'o', snapshot: snapshotOf(dialogue as never, state) });
      await log.purge(refOf(session), Infinity);
    },
  };
}

describe('a session that was erased', () => {
  it('never opens again, and its user begins anew under the same name', async () => {
    const p = platform();
    const before = (await clientIn(p.gateway()).post('/v1/chat', { sessionId: 'ann', query: 'my parcel' })).body;
    await p.erase(before.session);
    const client = clientIn(p.gateway());
    const after = await client.post('/v1/chat', { sessionId: 'ann', query: 'TS12345678' });
    expect(after.status).toBe(200);
    expect(after.body.session).not.toBe(before.session);
    expect(after.body.reply.text).not.toContain('on its way');
    expect((await client.post('/v1/chat', { sessionId: 'ann', query: 'hello' })).body.session).toBe(after.body.session);
    expect((await client.get(`/v1/sessions/${before.session}/events`)).status).toBe(410);
    expect((await client.post(`/v1/sessions/${before.session}/events`, { text: 'hello' })).status).toBe(410);
    expect(await typesOf(p.log, refOf(before.session))).toEqual([]);
  });

  it('is gone at once where it was known', async () => {
    const p = platform();
    const gateway = p.gateway();
    const client = clientIn(gateway);
    const ann = (await client.post('/v1/chat', { sessionId: 'ann', query: 'hello' })).body.session;
    const byId = (await client.post('/v1/chat', { query: 'hello' })).body.session;
    await p.erase(ann);
    await p.erase(byId);
    gateway.forget(refOf(ann));
    const again = await client.post('/v1/chat', { sessionId: 'ann', query: 'hello' });
    expect([again.status, again.body.session === ann]).toEqual([200, false]);
    // Nobody has told that this one is gone: the log does.
    expect((await client.post('/v1/chat', { sessionId: byId, query: 'hello' })).status).toBe(410);
    expect((await client.post(`/v1/sessions/${byId}/events`, { text: 'hello' })).status).toBe(410);
  });

  it('is not opened again by its key', async () => {
    const p = platform();
    const key = { 'idempotency-key': 'k-1' };
    const { session } = (await clientIn(p.gateway()).post('/v1/sessions', {}, key)).body;
    const chat = (await clientIn(p.gateway()).post('/v1/chat', { query: 'hello' }, key)).body.session;
    await p.erase(session);
    await p.erase(chat);
    expect((await clientIn(p.gateway()).post('/v1/sessions', {}, key)).status).toBe(410);
    expect((await clientIn(p.gateway()).post('/v1/chat', { query: 'hello' }, key)).status).toBe(410);
  });
});

describe('a session that has left for the archive', () => {
  it.each(['by its name', 'by its id', 'by an event'])('goes on with its open question, %s', async (how) => {
    const p = platform();
    const named = how === 'by its name';
    const ask = (query: string, sessionId?: string) =>
      clientIn(p.gateway()).post('/v1/chat', { query, locale: 'en', ...(sessionId !== undefined && { sessionId }) });
    const { session } = (await ask('my parcel', named ? 'ann' : undefined)).body;
    await p.leave(session);
    expect((await clientIn(p.gateway()).get(`/v1/sessions/${session}/events`)).status).toBe(410);
    if (how === 'by an event') {
      const posted = await clientIn(p.gateway()).post(`/v1/sessions/${session}/events`, { text: 'TS12345678' });
      expect(posted.status).toBe(202);
      await expect.poll(() => p.log.all.at(-1)?.envelope.data).toMatchObject({ messages: [{ text: /TS12345678/u }] });
    } else {
      const answer = await ask('TS12345678', named ? 'ann' : session);
      expect(answer.body).toMatchObject({ session, reply: { text: 'Parcel TS12345678 is on its way.' } });
    }
    expect((await typesOf(p.log, refOf(session)))[0]).toBe('session.resumed');
  });

  it('stays closed by its id, if it was', async () => {
    const p = platform();
    const { session } = (await clientIn(p.gateway()).post('/v1/chat', { query: 'bye' })).body;
    await expect.poll(() => p.log.all.at(-1)?.envelope.type).toBe('session.closed');
    await p.leave(session);
    expect((await clientIn(p.gateway()).post('/v1/chat', { sessionId: session, query: 'hello' })).status).toBe(409);
  });

  it('is continued although this process thought that it was still there', async () => {
    const p = platform();
    const client = clientIn(p.gateway());
    const { session } = (await client.post('/v1/chat', { sessionId: 'ann', query: 'my parcel' })).body;
    await p.leave(session);
    const answer = await client.post('/v1/chat', { sessionId: 'ann', query: 'TS12345678' });
    expect(answer.body).toMatchObject({ session, reply: { text: 'Parcel TS12345678 is on its way.' } });
  });
});
