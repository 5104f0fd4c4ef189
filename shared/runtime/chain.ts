import { PlatformError } from '../errors/index.ts';
import {
  emittedPaths,
  emittedTypes,
  listensTo,
  wantedPaths,
  wantedTypes,
  type AnyDecider,
  type AnyFunction,
  type AnyReaction,
} from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { isChain, readSession } from '../log/read.ts';
import { pathOf } from '../log/subjects.ts';
import { failpoint } from './failpoint.ts';
import { giveUp } from './give-up.ts';
import { done, guarded } from './guarded.ts';
import type { Delivery, Host, Outcome, Settled } from './host.ts';
import { invoke } from './invoke.ts';
import { readEvent } from './read-event.ts';
import { keepUp } from './recall.ts';

/** Attempts after which an event is taken to be what killed the process each time. */
export const DELIVERIES = 4;

/** Functions that live in one process and hand appended events to one another in memory. */
export interface Group {
  readonly name: string;
  readonly functions: readonly AnyFunction[];
}

/**
 * The ends of the subjects of what a group has to be given; the rest it makes itself. That a step has failed is among
 * it: the step may be another group's.
 */
export function entrances({ functions }: Group): readonly string[] {
  const made = new Set<string>(functions.flatMap(emittedPaths));
  const wanted = new Set(functions.flatMap(wantedPaths));
  const given = [...wanted].filter((path) => functions.length === 1 || !made.has(anyKind(path)));
  // The server refuses filters that overlap.
  return given.filter((path) => path === anyKind(path) || !given.includes(anyKind(path)));
}

/** Whether a group's durable consumer hands out the event. */
export function isGiven(group: Group, { envelope }: Stored): boolean {
  const given = entrances(group);
  const path = pathOf(envelope);
  return given.includes(path) || (envelope.kind !== undefined && given.includes(anyKind(path)));
}

/** `policy.decided.call` as `policy.decided.*`; a type without a kind as it is. */
const anyKind = (path: string): string => path.replace(/^([^.]+\.[^.]+)\.[^.]+$/u, '$1.*');

/**
 * Runs a group on one event and on everything that follows from it. One durable delivery stands for the whole walk:
 * when it fails, the redelivered event walks again over what is stored by then. The log looks the same as if each
 * function had been delivered its events one by one.
 */
export async function runGroup(group: Group, delivery: Delivery, host: Host, signal: AbortSignal): Promise<Outcome> {
  const { stored, attempt } = delivery;
  failpoint('chain.before-follow-ups');
  const past = attempt > 1 ? await followUps(stored, host) : { later: [] };
  failpoint('chain.after-follow-ups');
  if ('kind' in past) return past;
  const walk: Walk = {
    host,
    signal,
    attempt,
    later: past.later,
    atHand: [stored],
    gone: new Set(),
    settled: undefined,
    crashed: attempt > DELIVERIES,
  };
  const reactions = group.functions.filter((fn) => fn.kind === 'reaction');
  const deciders = group.functions.filter((fn) => fn.kind === 'decider');
  let rejected: Outcome | undefined;
  let front: readonly Stored[] = [stored, ...past.later.filter(isDecision)];
  while (front.length > 0) {
    failpoint('chain.before-reactions');
    const reacted = await react(reactions, front, walk);
    failpoint('chain.after-reactions');
    const made = reacted.filter((o) => o.kind === 'appended').flatMap((o) => o.events);
    walk.atHand.push(...made);
    const decided = await wake(deciders, [...front, ...made], walk);
    failpoint('chain.after-decider');
    for (const o of decided) if ('settled' in o) walk.settled = o.settled ?? walk.settled;
    const decisions = decided.filter((o) => o.kind === 'appended').flatMap((o) => o.events);
    walk.atHand.push(...decisions);
    const failed = [...reacted, ...decided].find((o) => o.kind === 'retry' || o.kind === 'rejected');
    // What must come again comes again as a whole; what is stored by then is not done twice.
    if (failed?.kind === 'retry') return failed;
    rejected ??= failed;
    for (const { position } of front) walk.gone.add(position);
    front = unique([...made, ...decisions]);
    if (front.length > 0) continue;
    const left = await leftOver(stored, group, walk);
    if ('kind' in left) return left;
    front = left.decisions;
  }
  for (const { fold } of deciders) keepUp(host.sessions, fold, stored.envelope, walk.atHand);
  return rejected ?? done(walk.atHand.slice(1));
}

interface Walk {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly attempt: number;
  /** What stood in the session after the event when a redelivery came. */
  readonly later: readonly Stored[];
  /** What this walk has seen of the session. */
  readonly atHand: Stored[];
  /** The positions that it has gone over. */
  readonly gone: Set<number>;
  settled: Settled | undefined;
  /** The event was delivered too often: the first step without a result is given up. */
  crashed: boolean;
}

async function react(
  reactions: readonly AnyReaction[],
  front: readonly Stored[],
  walk: Walk,
): Promise<readonly Outcome[]> {
  const due = reactions.flatMap((fn) =>
    front.filter((s) => listensTo(fn, s.envelope)).map((stored) => ({ fn, stored })),
  );
  const one = async ({ fn, stored }: (typeof due)[number]): Promise<Outcome> => {
    const events = walk.later.filter(({ envelope: e }) => e.causation === stored.envelope.id && e.emitter === fn.name);
    // Of what was understood the first fact counts. What carries out a decision goes over it once more: it may have
    // been cut short between two events.
    if (events.length > 0 && (walk.crashed || fn.failure === 'step-failed')) return { kind: 'appended', events };
    if (walk.crashed) return abandon(fn, stored, walk);
    return invoke(fn, { stored, attempt: walk.attempt }, walk.host, walk.signal, seenBy(walk));
  };
  if (walk.attempt === 1) return Promise.all(due.map(one));
  // One after the other, so that the log shows which of them a killed process was at.
  const outcomes: Outcome[] = [];
  for (const each of due) {
    outcomes.push(await one(each));
    failpoint('chain.between-reactions');
  }
  return outcomes;
}

async function wake(
  deciders: readonly AnyDecider[],
  front: readonly Stored[],
  walk: Walk,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const fn of deciders) {
    // The state decides, so one wake by the newest event serves for all of them.
    const woken = front
      .filter((s) => listensTo(fn, s.envelope))
      .reduce<Stored | undefined>((a, b) => (a && a.position > b.position ? a : b), undefined);
    if (!woken) continue;
    outcomes.push(
      walk.crashed
        ? await abandon(fn, woken, walk)
        : await invoke(fn, { stored: woken, attempt: walk.attempt }, walk.host, walk.signal, seenBy(walk)),
    );
  }
  return outcomes;
}

async function abandon(fn: AnyFunction, on: Stored, walk: Walk): Promise<Outcome> {
  walk.crashed = false;
  const started = performance.now();
  const outcome = await crashed(fn, on, walk);
  walk.host.telemetry.outcome(fn.name, { stored: on, attempt: walk.attempt }, outcome, performance.now() - started);
  return outcome;
}

const crashed = (fn: AnyFunction, on: Stored, { attempt, host }: Walk): Promise<Outcome> =>
  guarded(async () => {
    refuseNewer(on);
    failpoint('chain.before-abandoning');
    const events = await giveUp(fn, on, { reason: 'crashed', attempts: attempt }, host);
    failpoint('chain.after-abandoning');
    return done(events);
  });

/** However often it came: no step has failed on what no step of this build could begin with. */
function refuseNewer(on: Stored): void {
  try {
    readEvent(on);
  } catch (error) {
    if (error instanceof PlatformError && error.retry === 'later') throw error;
  }
}

const seenBy = ({ later, atHand }: Walk): readonly Stored[] => (later.length > 0 ? [...later, ...atHand] : atHand);

/**
 * Decisions after the event that somebody else has made. Whoever did so may be about to carry them out, or may have
 * died over it while this very delivery was with us as well; and once we acknowledge it, it does not come again.
 */
async function leftOver(
  stored: Stored,
  { functions }: Group,
  walk: Walk,
): Promise<Outcome | { readonly decisions: readonly Stored[] }> {
  const { settled, atHand, attempt } = walk;
  if (!settled || !carriesOutDecisions(functions) || (attempt === 1 && !isForestalled(stored, settled, atHand))) {
    return { decisions: [] };
  }
  const own = unique(atHand).toSorted((a, b) => a.position - b.position);
  if (isChain(own.slice(1), stored.position, settled.position)) return { decisions: [] };
  failpoint('chain.before-left-over');
  const read = await followUps(stored, walk.host, settled.position);
  failpoint('chain.after-left-over');
  if ('kind' in read) return read;
  walk.atHand.push(...read.later);
  return { decisions: read.later.filter((s) => isDecision(s) && !walk.gone.has(s.position)) };
}

function carriesOutDecisions(functions: readonly AnyFunction[]): boolean {
  const made = new Set(functions.flatMap((fn) => (fn.kind === 'decider' ? emittedTypes(fn) : [])));
  return functions.some((fn) => fn.kind === 'reaction' && wantedTypes(fn).some((type) => made.has(type)));
}

/** Whether somebody else has decided upon the event, or upon a turn that has not ended. */
function isForestalled({ envelope }: Stored, { turns }: Settled, atHand: readonly Stored[]): boolean {
  const mine = new Set(atHand.filter(isDecision).map((s) => s.envelope.causation as string | undefined));
  const isWaiting = turns.some(({ id, decided }) => id === envelope.id && !decided);
  return (!mine.has(envelope.id) && !isWaiting) || turns.some(({ id, decided }) => decided && !mine.has(id));
}

/** What follows from earlier deliveries of the event, or why that cannot be known now. */
const followUps = (
  { envelope, position }: Stored,
  { log }: Host,
  through = 0,
): Promise<Outcome | { readonly later: readonly Stored[] }> =>
  guarded(async () => ({ later: await readSession(log, envelope, { after: position, through }) }));

/** What an earlier delivery may have decided, also for other turns, and not carried out. */
const isDecision = ({ envelope: { basis } }: Stored): boolean => basis !== undefined;

const unique = (events: readonly Stored[]): readonly Stored[] => [
  ...new Map(events.map((s) => [s.position, s])).values(),
];
