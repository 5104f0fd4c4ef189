import { describe, expect, it } from 'vitest';
import { replyDelivered } from '../../events/turn.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { incoming, newSession, opening, saying } from '../../shared/testing/rig.ts';
import { onceTail } from './once.ts';

async function session() {
  const log = memoryLog();
  const ref = newSession();
  const tail = onceTail(log);
  await tail.append(incoming(ref, opening()));
  const cause = await tail.append(incoming(ref, saying('hello')), 1);
  const at = cause.kind === 'appended' ? cause.stored.position : 0;
  const fact = incoming(ref, replyDelivered({ endpoint: 'e', status: 200, attempts: 1 }), { emitter: 'deliver' });
  return { log, ref, tail, at, fact };
}

describe('an event that must stand once', () => {
  it('is appended after whatever is newest', async () => {
    const { log, ref, tail, at, fact } = await session();
    await tail.append(incoming(ref, saying('and?')), at);
    expect(await tail.append(fact, at)).toMatchObject({ kind: 'appended', stored: { position: 4, previous: 3 } });
    expect(log.all).toHaveLength(4);
  });

  it('is not appended again when the store has forgotten its id', async () => {
    const { log, ref, tail, at, fact } = await session();
    await tail.append(fact, at);
    log.forgetIds();
    expect(await tail.append(fact, at)).toEqual({ kind: 'duplicate', position: 3 });
    await tail.append(incoming(ref, saying('and?')), 3);
    expect(await tail.append(fact, at)).toEqual({ kind: 'duplicate', position: 3 });
    expect(log.all).toHaveLength(4);
  });

  it('stands once when it is appended twice at the same time', async () => {
    const { log, ref, tail, at, fact } = await session();
    await tail.append(incoming(ref, saying('and?')), at);
    const kinds = await Promise.all([tail.append(fact, at), tail.append(fact, at)]);
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['appended', 'duplicate']);
    expect(log.all).toHaveLength(4);
  });

  it('does not bring a session back that has gone', async () => {
    const { log, ref, tail, at, fact } = await session();
    await log.purge(ref, at);
    await tail.append(fact, at);
    expect(log.all).toHaveLength(0);
  });
});
