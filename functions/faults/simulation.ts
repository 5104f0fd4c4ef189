import type { Envelope } from '../../events/envelope.ts';
import { tailOf } from '../../shared/log/append.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import type { MemoryLog } from '../../shared/log/memory.ts';
import { isGiven, runGroup, type Group } from '../../shared/runtime/chain.ts';
import { unwatched, type Host, type Outcome } from '../../shared/runtime/host.ts';
import { sessionCache } from '../../shared/runtime/recall.ts';
import { outsideBot, outsidePorts } from './outside.ts';
import { gatedLog, storeOf, type Asked, type Process, type Store } from './gate.ts';

/** What is played: conversations, on so many processes. */
export interface Plan {
  readonly groups: readonly Group[];
  readonly store: Store;
  readonly processes: number;
  /** Whether processes remember the states of sessions. */
  readonly remembers: boolean;
  /** What enters from outside, session by session, in this order. */
  readonly conversations: readonly (readonly Envelope[])[];
}

/** What a seeded fault of the code itself changes. */
export interface Mutant {
  readonly log?: (log: Log) => Log;
  readonly group?: (group: Group) => Group;
  readonly acknowledgesFirst?: boolean;
  readonly acknowledgesRetries?: boolean;
}

export interface Played {
  readonly log: MemoryLog;
  readonly rejected: readonly Outcome[];
  readonly crashes: number;
  /** Whether the store forgot ids while it was played. */
  readonly forgot: boolean;
}

/** What a durable consumer keeps of an event: once any of its runs was acknowledged, nobody's death brings it back. */
interface Message {
  readonly group: Group;
  readonly stored: Stored;
  /** How often a process died while it worked on this. */
  deaths: number;
  delivered: boolean;
  acknowledged: boolean;
}
interface Run {
  readonly message: Message;
  readonly on: Process;
}

/** As many deaths as a delivery survives without being given up. */
const DEATHS = 3;
const LONGEST = 100_000;

/**
 * Plays conversations on the real functions and runtime. Every call of the log is held at a gate, and the tape says
 * what comes next: which call goes on, which delivery begins and where, who dies, whose answer is lost or stale, what
 * comes twice. A 0, and everything after the end of the tape, is the calm way; so a shorter tape of smaller numbers is
 * a simpler story, and a found counterexample shrinks to what matters.
 */
export async function play(plan: Plan, tape: readonly number[], mutant: Mutant = {}): Promise<Played> {
  const log = storeOf(plan.store);
  const asked: Asked[] = [];
  const pending: Message[] = [];
  const messages: Message[] = [];
  const runs = new Set<Run>();
  const rejected: Outcome[] = [];
  const accepted: Envelope[] = [];
  let seen = 0;
  let crashes = 0;
  let forgot = false;

  const groups = plan.groups.map(mutant.group ?? same);
  const logOf = (process: Process) => (mutant.log ?? same)(gatedLog(log, process, asked));
  const started = (name: string) => {
    const process: Process = { name, alive: true };
    const gated = logOf(process);
    const host: Host = {
      log: gated,
      tail: tailOf(gated, 100),
      sessions: sessionCache(plan.remembers ? 100 : 0),
      bots: () => outsideBot,
      now: () => new Date('2026-01-01T00:00:00.000Z'),
      ports: outsidePorts,
      telemetry: unwatched,
    };
    return { process, host };
  };
  const hosts = Array.from({ length: plan.processes }, (_, i) => started(`p${i}`));
  const gateways = [0, 1].map((i) => started(`g${i}`).host.tail);
  const customers = plan.conversations.map((events) => ({ events: [...events], waiting: false }));

  const begin = (message: Message, at: number) => {
    const on = hosts[at % hosts.length];
    if (!on) return;
    const run: Run = { message, on: on.process };
    runs.add(run);
    const { group, stored, deaths, delivered } = message;
    const attempt = delivered ? Math.max(2, deaths + 1) : 1;
    message.delivered = true;
    message.acknowledged ||= mutant.acknowledgesFirst ?? false;
    void runGroup(group, { stored, attempt }, on.host, new AbortController().signal).then((outcome) => {
      if (!on.process.alive) return;
      runs.delete(run);
      if (outcome.kind === 'retry' && !mutant.acknowledgesRetries) pending.push(message);
      else message.acknowledged = true;
      if (outcome.kind === 'rejected') rejected.push(outcome);
    });
  };
  const say = async (customer: (typeof customers)[number], through: number) => {
    const event = customer.events.shift();
    if (!event) return;
    customer.waiting = true;
    await enter(event, through);
    accepted.push(event);
    customer.waiting = false;
  };
  const enter = async (event: Envelope, through: number): Promise<void> => {
    for (;;) {
      const done = await gateways[through % gateways.length]?.append(event).catch(() => undefined);
      if (done) return;
    }
  };
  const crash = (process: Process) => {
    const at = hosts.findIndex((h) => h.process === process);
    const dying = [...runs].filter((r) => r.on === process);
    const held = new Set(dying.map(({ message }) => message));
    if (at < 0 || [...held].some(({ deaths }) => deaths >= DEATHS)) return false;
    process.alive = false;
    crashes++;
    for (const run of dying) runs.delete(run);
    for (const message of held) {
      message.deaths++;
      if (!message.acknowledged) pending.push(message);
    }
    remove(asked, (a) => a.by === process);
    hosts[at] = started(process.name);
    return true;
  };

  const calm = async (): Promise<boolean> => {
    const next = asked.shift();
    if (next) await next.grant();
    else if (pending.length > 0) begin(take(pending, 0), 0);
    else {
      const customer = customers.find(({ events, waiting }) => !waiting && events.length > 0);
      if (!customer) return false;
      void say(customer, 0);
    }
    return true;
  };
  /** Whether it was possible. */
  const disturb = async (kind: number, x: number): Promise<boolean> => {
    switch (kind) {
      case 6:
      case 7:
        if (pending.length === 0) return false;
        begin(take(pending, x), x >> 3);
        return true;
      case 8: {
        const able = customers.filter(({ events, waiting }) => !waiting && events.length > 0);
        const customer = able[x % able.length];
        if (customer) void say(customer, x >> 2);
        return customer !== undefined;
      }
      case 9: {
        const again = messages[x % messages.length];
        if (again?.delivered) pending.push(again);
        return again !== undefined;
      }
      case 10: {
        const host = hosts[x % hosts.length];
        return host !== undefined && crash(host.process);
      }
      case 15: {
        log.forgetIds();
        forgot = true;
        const repeated = accepted[x % (2 * accepted.length)];
        if (repeated) void enter(repeated, x >> 2);
        return true;
      }
    }
    if (kind === 0 || asked.length === 0) return false;
    const call = take(asked, x);
    if (kind === 11) await call.lose().then(() => crash(call.by));
    else if (kind === 12) await call.lose();
    else if (kind === 13) call.refuse();
    else if (kind === 14) await call.grantStale(x >> 3);
    else await call.grant();
    return true;
  };

  for (let step = 0; ; step++) {
    if (step > LONGEST) throw new Error('this never ends');
    const word = tape[step] ?? 0;
    if (!(await disturb(word % 16, word >> 4)) && !(await calm())) return { log, rejected, crashes, forgot };
    await settled();
    for (const stored of log.all.slice(seen)) {
      for (const group of groups) {
        if (!isGiven(group, stored)) continue;
        const message = { group, stored, deaths: 0, delivered: false, acknowledged: false };
        pending.push(message);
        messages.push(message);
      }
    }
    seen = log.all.length;
  }
}

/** The events of one session. */
export const sessionOf = ({ log }: Played, { tenant, session }: SessionRef): readonly Stored[] =>
  log.all.filter(({ envelope: e }) => e.tenant === tenant && e.session === session);

const same = <T>(it: T): T => it;

/** Lets everything run that waits for nothing but itself. */
const settled = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

function take<T>(from: T[], choice: number): T {
  const [taken] = from.splice(choice % from.length, 1);
  if (taken === undefined) throw new Error('there is nothing to take');
  return taken;
}

function remove<T>(from: T[], which: (item: T) => boolean): void {
  from.splice(0, from.length, ...from.filter((item) => !which(item)));
}
