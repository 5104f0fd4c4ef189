import { describe, expect, it } from 'vitest';
import { memoryLog, type MemoryLog } from '../shared/log/memory.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { runGroup } from '../shared/runtime/chain.ts';
import type { Host } from '../shared/runtime/host.ts';
import { incoming, newSession, opening, saying, testHost, transcript, typesOf } from '../shared/testing/rig.ts';
import { groupsOf, type Hosting } from './index.ts';

/** Delivers everything in the log to every group, in order, until nothing new comes. */
async function settle(hosting: Hosting, log: MemoryLog, host: Host, from = 0): Promise<void> {
  for (let i = from; i < log.all.length; i++) {
    const stored = log.all[i];
    if (!stored) return;
    for (const group of groupsOf(hosting))
      await runGroup(group, { stored, attempt: 1 }, host, new AbortController().signal);
  }
}

async function converse(hosting: Hosting, log: MemoryLog, ref: SessionRef, texts: readonly string[]): Promise<void> {
  const host = testHost(log);
  await host.tail.append(incoming(ref, opening()));
  for (const text of texts) {
    const before = log.all.length;
    await host.tail.append(incoming(ref, saying(text)));
    await settle(hosting, log, host, before);
  }
}

describe.each(['chained', 'hop-by-hop'] as const)('a turn, %s', (hosting) => {
  it('is answered, with every step in the log', async () => {
    const log = memoryLog();
    const ref = newSession();
    await converse(hosting, log, ref, ['hello']);
    expect(await typesOf(log, ref)).toEqual([
      'session.opened',
      'utterance.received',
      'intent.classified',
      'entities.extracted',
      'policy.decided',
      'turn.replied',
    ]);
  });

  it('asks for what is missing, and goes on with the answer', async () => {
    const log = memoryLog();
    const ref = newSession();
    await converse(hosting, log, ref, ['where is my parcel', 'it is TS12345678']);
    expect(await transcript(log, ref)).toEqual([
      'turn.replied: What is your order number?',
      'turn.replied: Parcel TS12345678 is on its way.',
    ]);
  });

  it('hands over after two misses, and is silent from then on', async () => {
    const log = memoryLog();
    const ref = newSession();
    await converse(hosting, log, ref, ['mumble', 'mumble', 'hello']);
    expect(await transcript(log, ref)).toEqual([
      'turn.replied: Could you say that differently?',
      'turn.handed-off: A colleague takes over.',
      'turn.handed-off: a person has the conversation',
    ]);
  });

  it('closes, and refuses what comes after', async () => {
    const log = memoryLog();
    const ref = newSession();
    await converse(hosting, log, ref, ['bye', 'hello']);
    expect(await transcript(log, ref)).toEqual(['turn.replied: Bye!', 'turn.dead-lettered: session is closed']);
    expect(await typesOf(log, ref)).toContain('session.closed');
  });

  it('is the same when everything is delivered twice', async () => {
    const log = memoryLog();
    const ref = newSession();
    await converse(hosting, log, ref, ['where is my parcel', 'TS12345678', 'human']);
    const before = await transcript(log, ref);
    log.forgetIds();
    for (let round = 0; round < 2; round++) await settle(hosting, log, testHost(log));
    expect(await transcript(log, ref)).toEqual(before);
  });
});
