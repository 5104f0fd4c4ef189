import type { Log, SessionRef, Stored } from './log.ts';

/**
 * Up to this distance a scan is cheaper than a look at each event: the server visits every message in between, at
 * about 0.15 µs each (bench/rebuild).
 */
const SCAN_DISTANCE = 2_000;
const SCAN_LIMIT = 500;
/** So many looks tell how thickly the session's events stand. Where less than this lies between them, a scan is cheaper. */
const LOOKS = 16;
const SCAN_GAP = 100;

export interface ReadOptions {
  /** Events after this position; 0 or absent: from the beginning. */
  readonly after?: number;
  /** The result must reach this position of the session, for example the event that woke the reader. */
  readonly through?: number;
  /** Events that are at hand already, in any order. */
  readonly known?: readonly Stored[];
}

/**
 * All events of a session after a position, oldest first and without a gap: each one names its predecessor, so the
 * chain is walked back from the newest. Begins later only where the beginning was purged.
 * Empty where the session was purged, even if an event of it is still being delivered.
 */
export async function readSession(log: Log, ref: SessionRef, options: ReadOptions = {}): Promise<readonly Stored[]> {
  const { after = 0, through = 0, known = [] } = options;
  if (through > 0 && through <= after) return [];
  const at = new Map(known.map((s) => [s.position, s]));
  const atHand = through > 0 ? walkBack(at, newest(at, through), after) : undefined;
  if (atHand) return atHand;
  const near = through > 0 ? await scanned(log, ref, after, through) : undefined;
  if (near) return near;
  for (const s of await log.latest(ref)) at.set(s.position, s);
  let position = newest(at, through);
  const all = walkBack(at, position, after) ?? (position > through && (await scanned(log, ref, after, position)));
  if (all) return all;
  const chain: Stored[] = [];
  const start = position;
  while (position > after) {
    if (chain.length > 0 && chain.length % LOOKS === 0 && start - position < chain.length * SCAN_GAP) {
      const rest = await scannedThrough(log, ref, after, position);
      if (rest) return [...rest, ...chain.reverse()];
    }
    const stored = at.get(position) ?? (await log.at(ref, position));
    // Purged: the session's history begins here. (`at` asks the leader, so that a lagging replica is not believed.)
    if (!stored) break;
    chain.push(stored);
    position = stored.previous;
  }
  return chain.reverse();
}

/** The events up to a position, where it is near and they can all be had at once. */
async function scanned(
  log: Log,
  ref: SessionRef,
  after: number,
  through: number,
): Promise<readonly Stored[] | undefined> {
  if (through - after > SCAN_DISTANCE) return undefined;
  const near = await log.scan(ref, after, SCAN_LIMIT);
  return near.length < SCAN_LIMIT && isChain(near, after, through) ? near : undefined;
}

/** The events up to a position, however far it is and however many they are. */
async function scannedThrough(
  log: Log,
  ref: SessionRef,
  after: number,
  through: number,
): Promise<readonly Stored[] | undefined> {
  const events: Stored[] = [];
  for (let last: number | undefined = after; last !== undefined && last < through;) {
    const page: readonly Stored[] = await log.scan(ref, last, SCAN_LIMIT);
    events.push(...page.filter(({ position }) => position <= through));
    last = page.at(-1)?.position;
  }
  return isChain(events, after, through) ? events : undefined;
}

const newest = (at: ReadonlyMap<number, Stored>, least: number): number => Math.max(least, ...at.keys());

/** The events from a position back to another, oldest first; undefined where one of them is not at hand. */
function walkBack(at: ReadonlyMap<number, Stored>, from: number, after: number): readonly Stored[] | undefined {
  const chain: Stored[] = [];
  for (let position = from; position > after;) {
    const stored = at.get(position);
    if (!stored) return undefined;
    chain.push(stored);
    position = stored.previous;
  }
  return chain.reverse();
}

/** Whether these events follow one another without a gap from `after` on and reach `through`. */
export function isChain(events: readonly Stored[], after: number, through = 0): boolean {
  let seen = after;
  for (const { previous, position } of events) {
    if (previous > seen) return false;
    seen = position;
  }
  return seen >= through;
}
