import { jetstreamManager } from '@nats-io/jetstream';
import { expect, describe, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { publishBot } from '../../shared/bot/store.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { FAILPOINTS } from '../../shared/runtime/failpoint.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import type { Hosting } from '../index.ts';
import { bot, deploy, type Deployment } from './deployment.ts';
import { killsOf, UNPUBLISHED, type Kill } from './kills.ts';
import type { Supervised } from './supervised.ts';
import { transcriptHash } from './transcript.ts';

const ACK_WAIT_MS = 500;
/** Deployments side by side, each with a share of the kills: most of the time they wait for an acknowledgement. */
const DEPLOYMENTS = 4;
const LIMIT_MS = 180_000;

/** Reached by hosts behind HTTP, by what is no event (`unusual.int.test.ts`), and by two processes (`left-over.int.test.ts`). */
const ELSEWHERE = /^http\.|^pull\.(?:before|after)-(?:dead-letter|acquitting)$|left-over$/u;

describe.each(['chained', 'hop-by-hop'] as const)('a process killed anywhere, %s', (hosting) => {
  it('leaves every turn as it is without that', { timeout: LIMIT_MS }, async () => {
    const kills = killsOf(hosting);
    const shares = Array.from({ length: DEPLOYMENTS }, (_, i) => kills.filter((_kill, n) => n % DEPLOYMENTS === i));
    const results = (await Promise.all(shares.map((share) => playAll(hosting, share)))).flat();
    const wrongs = results.filter(({ wrong }) => wrong !== undefined);
    expect(
      wrongs.map(({ group, failpoint, says, wrong }) => `${group} at ${failpoint}, ${says.join()}: ${wrong}`),
    ).toEqual([]);
    expect(results).toHaveLength(kills.length);
  });

  it('is killed at every failpoint on its way', () => {
    const killed = new Set(killsOf(hosting).map(({ failpoint }) => failpoint));
    expect(FAILPOINTS.filter((name) => !killed.has(name) && !ELSEWHERE.test(name))).toEqual([]);
  });
});

interface Result extends Kill {
  readonly wrong: string | undefined;
}

async function playAll(hosting: Hosting, kills: readonly Kill[]): Promise<readonly Result[]> {
  const deployment = await deploy({ hosting, ackWaitMs: ACK_WAIT_MS });
  try {
    const undisturbed = new Map<string, string>();
    const results: Result[] = [];
    for (const kill of kills) {
      const key = kill.says.join('\n');
      const expected = undisturbed.get(key) ?? transcriptHash(await talk(deployment, kill.says));
      undisturbed.set(key, expected);
      // One turn that does not end must not keep the other kills from being tried.
      const wrong = await wrongAfter(deployment, kill, expected).catch((error: unknown) => String(error));
      results.push({ ...kill, wrong });
    }
    return results;
  } finally {
    await deployment.stop();
  }
}

async function wrongAfter(deployment: Deployment, kill: Kill, expected: string): Promise<string | undefined> {
  const { group, failpoint, before } = kill;
  const [process] = deployment.processes.get(group) ?? [];
  if (!process) return 'there is no such process';
  await quiet(deployment, group);
  await process.ready();
  const places = [...before, failpoint];
  for (const name of places.slice(1)) process.nextStart(['--failpoint', name]);
  const deaths = process.deaths();
  await deployment.nc.request(`faults.arm.${group}`, places[0], { timeout: 5_000 });
  const events = await talk(deployment, kill.says, process);
  const due = deaths + 1 + before.length;
  const died = await expect
    .poll(() => process.deaths(), { timeout: 5_000 })
    .toBeGreaterThanOrEqual(due)
    .then(
      () => true,
      () => false,
    );
  if (!died) {
    await deployment.nc.request(`faults.arm.${group}`, '');
    return 'never came there';
  }
  const findings = checkSession(events);
  if (findings.length > 0) return findings.map((f) => `${f.rule}: ${f.message}`).join('; ');
  return transcriptHash(events) === expected ? undefined : 'the customer was told something else';
}

/** A whole conversation, each thing said when the one before is answered, unless understanding that takes a while. */
async function talk(deployment: Deployment, says: readonly string[], dying?: Supervised): Promise<readonly Stored[]> {
  if (says[0] === UNPUBLISHED) return talkToUnpublished(deployment, dying);
  const ref = await deployment.open();
  let turns: readonly EventId[] = [];
  for (const text of says) {
    const turn = await deployment.say(ref, text);
    turns = [...turns, turn];
    if (!text.includes('dawdles')) await deployment.ended(ref, turn);
  }
  return allEnded(deployment, ref, turns);
}

async function talkToUnpublished(deployment: Deployment, dying: Supervised | undefined): Promise<readonly Stored[]> {
  const unpublished = canonicalBot({ ...bot, name: `bot-${Math.random().toString(36).slice(2)}` });
  const ref = await deployment.open(unpublished);
  const deaths = dying?.deaths();
  const turn = await deployment.say(ref, 'hello', unpublished);
  if (dying) await expect.poll(() => dying.deaths(), { timeout: 5_000 }).not.toBe(deaths);
  await publishBot(deployment.nc, unpublished);
  return allEnded(deployment, ref, [turn]);
}

async function allEnded(
  deployment: Deployment,
  ref: SessionRef,
  turns: readonly EventId[],
): Promise<readonly Stored[]> {
  let events: readonly Stored[] = [];
  for (const turn of turns) events = await deployment.ended(ref, turn);
  return events;
}

/** Until nothing of earlier conversations comes again. */
async function quiet({ nc }: Deployment, group: string): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const open = async () => {
    const { num_ack_pending, num_pending } = await jsm.consumers.info(CONVERSATIONS, `ts-${group}`);
    return num_ack_pending + num_pending;
  };
  await expect.poll(open, { timeout: 10_000, interval: 20 }).toBe(0);
}
