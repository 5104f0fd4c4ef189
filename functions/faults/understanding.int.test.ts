import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stored } from '../../shared/log/log.ts';
import { DELIVERIES } from '../../shared/runtime/chain.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { intent } from '../intent/handler.ts';
import { deploy, type Deployment } from './deployment.ts';

const ACK_WAIT_MS = 1_000;
/** What a process takes to start again, with everything else that this machine has to do. */
const START_MS = 3_000;
const INNOCENTS = 12;
const HUNG_MS = intent.limits.attempts * intent.limits.timeoutMs;
const KILLED_MS = DELIVERIES * (ACK_WAIT_MS + START_MS);

const told = (events: readonly Stored[]) =>
  events
    .flatMap(({ envelope }) => (envelope.data as { messages?: { text: string }[] }).messages ?? [])
    .map((m) => m.text);
const failures = (events: readonly Stored[]) =>
  events.filter(({ envelope }) => envelope.type === 'step.failed').map(({ envelope }) => envelope.data);

describe.each(['chained', 'hop-by-hop'] as const)('a function that understands, %s,', (hosting) => {
  let d: Deployment;
  beforeAll(async () => {
    d = await deploy({ hosting, ackWaitMs: ACK_WAIT_MS });
  });
  afterAll(() => d.stop());

  /** A turn that goes wrong amid others, all at once; what came of it, and how long it took. */
  async function amidOthers(text: string, withinMs: number) {
    const half = INNOCENTS / 2;
    const open = () => Promise.all(Array.from({ length: half }, () => d.open()));
    const [before, ref, after] = [await open(), await d.open(), await open()];
    const others: (readonly [Awaited<ReturnType<typeof d.open>>, Awaited<ReturnType<typeof d.say>>])[] = [];
    for (const other of before) others.push([other, await d.say(other, 'hello')]);
    const since = performance.now();
    const turn = await d.say(ref, text);
    for (const other of after) others.push([other, await d.say(other, 'hello')]);
    const events = await d.ended(ref, turn, withinMs);
    const ms = performance.now() - since;
    for (const [other, id] of others) {
      const answered = await d.ended(other, id, withinMs);
      expect(told(answered)).toEqual(['Hello!']);
      expect(failures(answered)).toEqual([]);
      expect(checkSession(answered)).toEqual([]);
    }
    expect(checkSession(events)).toEqual([]);
    return { events, ms };
  }

  it.each(['intent', 'entity'])('%s, and never answers, costs its attempts', { timeout: 30_000 }, async (name) => {
    const { events, ms } = await amidOthers(`hello [${name} hangs]`, HUNG_MS + 5_000);
    expect(failures(events)).toMatchObject([{ step: name, reason: 'timed-out', attempts: 3 }]);
    expect(told(events)).toEqual([name === 'intent' ? 'Could you say that differently?' : 'Hello!']);
    expect(ms).toBeGreaterThan(HUNG_MS);
  });

  it.each(['intent', 'entity'])('%s, and always fails, costs its attempts', { timeout: 30_000 }, async (name) => {
    const { events } = await amidOthers(`hello [${name} fails]`, 5_000);
    expect(failures(events)).toMatchObject([{ step: name, reason: 'failed', code: 'function.failed', attempts: 3 }]);
    expect(told(events)).toEqual([name === 'intent' ? 'Could you say that differently?' : 'Hello!']);
  });

  it.each(['intent', 'entity'])('%s, and kills its process, is given up', { timeout: 60_000 }, async (name) => {
    const processes = d.processes.get(hosting === 'chained' ? 'turn' : name) ?? [];
    const deaths = () => processes.reduce((sum, p) => sum + p.deaths(), 0);
    const before = deaths();
    const { events } = await amidOthers(`hello [${name} dies]`, KILLED_MS);
    expect(deaths() - before).toBe(DELIVERIES);
    expect(failures(events)).toMatchObject([{ step: name, reason: 'crashed' }]);
    expect(told(events)).toEqual([name === 'intent' ? 'Could you say that differently?' : 'Hello!']);
  });
});

describe.each(['chained', 'hop-by-hop'] as const)('a decider, %s,', (hosting) => {
  let d: Deployment;
  beforeAll(async () => {
    d = await deploy({ hosting, ackWaitMs: ACK_WAIT_MS });
  });
  afterAll(() => d.stop());

  it.each(['fail', 'die'])('that does %s on a turn ends that turn and no other', { timeout: 60_000 }, async (how) => {
    const ref = await d.open();
    const bad = await d.say(ref, `let the policy ${how}`);
    const good = await d.say(ref, 'hello');
    const elsewhere = await d.open();
    const other = await d.say(elsewhere, 'hello');
    // Each event that wakes the policy for the turn kills it.
    await d.ended(ref, bad, 3 * KILLED_MS);
    const events = await d.ended(ref, good, KILLED_MS);
    expect(told(events)).toEqual(['Hello!']);
    expect(checkSession(events)).toEqual([]);
    const ends = events.filter(({ envelope }) => envelope.type === 'turn.dead-lettered').map((s) => s.envelope.turn);
    expect(ends).toEqual([bad]);
    expect(told(await d.ended(elsewhere, other, KILLED_MS))).toEqual(['Hello!']);
  });
});
