import type { TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { HttpProblem } from '../../shared/http/problem.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { owns } from '../../shared/incoming/names.ts';
import type { Sessions } from '../../shared/incoming/sessions.ts';
import type { Admission, Admitted, Doors } from './admission.ts';
import { call, type Call } from './call.ts';
import type { Connection } from './connection.ts';
import { CHANNEL, join } from './joining.ts';
import type { Frame, Line, LineEvent } from './lines/line.ts';
import type { Surroundings } from './options.ts';
import { inStream, streamOf } from './stream-name.ts';
import { takeUp } from './taking-up.ts';

/** A socket that was taken. */
export interface Plugged {
  frame(frame: Frame): void;
  closed(how: 'cleanly' | 'broken'): void;
}

/** All calls of this process. */
export interface Switchboard {
  /** Takes a socket. `known`: what its handshake has shown. */
  take(line: Line, connection: Connection, known: Admission): Plugged;
  /** Looks after every call; often: it is what makes them speak. */
  tick(): void;
  /** Ends every call, because this process ends. */
  close(): Promise<void>;
  readonly calls: number;
}

export interface SwitchboardOptions {
  readonly at: Surroundings;
  readonly sessions: Sessions;
  readonly doors: Doors;
  readonly tenants: Tenants;
}

type Started = Extract<LineEvent, { kind: 'started' }>;

/** What comes while a call is being let in: a few seconds of sound. */
const MOST_WAITING = 500;

/** Connects sockets with calls. */
export function switchboard({ at, sessions, doors, tenants }: SwitchboardOptions): Switchboard {
  const { limits, watch, clock } = at;
  const calls = new Map<string, Call>();
  const perTenant = new Map<TenantId, number>();
  const arriving = new Set<{ readonly tick: (nowMs: number) => void; readonly refuse: (why: string) => void }>();
  /** Calls that are being let in. */
  const openings = new Set<Promise<void>>();
  let closing = false;

  const count = (tenant: TenantId, by: number) => perTenant.set(tenant, (perTenant.get(tenant) ?? 0) + by);
  const hasRoom = (tenant: TenantId) =>
    (perTenant.get(tenant) ?? 0) < (tenants.get(tenant)?.limits?.calls ?? limits.callsPerTenant);

  /** Undefined: not let in, and why. */
  const letIn = async (
    line: Line,
    connection: Connection,
    known: Admission,
    started: Started,
  ): Promise<Call | string> => {
    const admitted = known === 'unknown' ? await doors.atStart(started) : known;
    if (admitted === 'refused' || admitted === 'unknown') return 'nobody-known';
    const stream = started.resumes?.stream ?? '';
    const back = calls.get(inStream(stream)?.call ?? '');
    if (back) return resumed(back, admitted, line, connection, started.resumes?.mark);
    const { tenant } = admitted.caller;
    if (closing) return 'stopping';
    if (!hasRoom(tenant)) return 'too-many';
    if (!at.budget.hasRoom(tenant)) return 'too-much';
    count(tenant, 1);
    let begun: Call | undefined;
    try {
      const joined =
        stream === '' ? await join(sessions, at, admitted, started) : await takeUp(sessions, at, admitted, started);
      if (!joined) return stream === '' ? 'used-before' : 'nothing-to-resume';
      const transferTo = tenants.get(tenant)?.voice?.transferTo;
      begun = call({ ...joined, started, line, connection, channel: CHANNEL, transferTo }, at);
    } finally {
      if (!begun) count(tenant, -1);
    }
    const mine = begun;
    const { call: id } = mine.ref;
    calls.set(id, mine);
    void mine.over.then(() => {
      if (calls.get(id) === mine) calls.delete(id);
      count(tenant, -1);
    });
    for (const frame of line.accept(streamOf(mine.ref), mine.lastSequence)) connection.send(frame);
    return mine;
  };
  const resumed = (
    back: Call,
    { caller, session }: Admitted,
    line: Line,
    connection: Connection,
    mark: string | undefined,
  ): Call | string => {
    const { ref } = back;
    const isMeant = ref.tenant === caller.tenant && (session === undefined || session === ref.session);
    if (!isMeant || !owns(sessions.options.sessionKey, caller, ref.session)) return 'nothing-to-resume';
    back.resume(line, connection, mark);
    return back;
  };

  return {
    take(line, connection, known) {
      const arrived = clock();
      const waiting: LineEvent[] = [];
      let mine: Call | undefined;
      let gone: 'cleanly' | 'broken' = 'broken';
      let phase: 'new' | 'opening' | 'on' | 'over' = 'new';
      let isRefused = false;

      const refuse = (why: string, gateway: Started['gateway'] | 'unknown' = 'unknown') => {
        if (phase === 'over') return;
        phase = 'over';
        isRefused = true;
        arriving.delete(arrival);
        watch.flaw(gateway, why);
        for (const frame of line.hangUp()) connection.send(frame);
        connection.close();
      };
      const arrival = {
        tick: (nowMs: number) => {
          if (nowMs - arrived > limits.startMs) refuse('no-start');
        },
        refuse,
      };
      arriving.add(arrival);
      const open = (started: Started) => {
        phase = 'opening';
        const opened = letIn(line, connection, known, started).then(
          (outcome) => {
            arriving.delete(arrival);
            if (typeof outcome === 'string') {
              refuse(outcome, started.gateway);
              return;
            }
            mine = outcome;
            // It stands in the log by now, so that is where its end has to stand, too.
            if (isRefused) void mine.end('refused');
            else if (phase === 'over') mine.dropped(connection, gone);
            else phase = 'on';
            for (const event of waiting.splice(0)) mine.hear(event);
          },
          (error: unknown) => {
            watch.failed('opening', error);
            refuse(
              error instanceof HttpProblem || error instanceof PlatformError ? 'no-session' : 'failed',
              started.gateway,
            );
          },
        );
        openings.add(opened);
        void opened.finally(() => openings.delete(opened));
      };
      const hear = (event: LineEvent) => {
        if (mine) mine.hear(event);
        else if (event.kind === 'started' && phase === 'new') open(event);
        else if (event.kind === 'malformed' && event.fatal) refuse(event.why);
        else if (waiting.push(event) > MOST_WAITING) refuse('too-much');
      };
      return {
        frame(frame) {
          if (phase === 'over') return;
          for (const event of line.hear(frame)) hear(copied(event, mine !== undefined));
        },
        closed(how) {
          arriving.delete(arrival);
          phase = 'over';
          gone = how;
          mine?.dropped(connection, how);
        },
      };
    },
    tick() {
      const nowMs = clock();
      for (const each of arriving) each.tick(nowMs);
      for (const each of calls.values()) each.tick(nowMs);
    },
    async close() {
      closing = true;
      for (const each of arriving) each.refuse('stopping');
      await Promise.all(openings);
      await Promise.all([...calls.values()].map((each) => each.end('closed')));
    },
    get calls() {
      return calls.size;
    },
  };
}

/** Sound that has to wait must not be a view of what the socket uses again. */
const copied = (event: LineEvent, isTaken: boolean): LineEvent =>
  event.kind === 'media' && !isTaken ? { ...event, sound: Uint8Array.from(event.sound) } : event;
