import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { SessionId, TenantId } from '../events/envelope.ts';
import type { Log, SessionRef } from '../shared/log/log.ts';
import { requests } from '../shared/log/requests.ts';
import { CONVERSATIONS } from '../shared/log/streams.ts';
import { sessionSubject } from '../shared/log/subjects.ts';
import { recall, sessionCache } from '../shared/runtime/recall.ts';
import { dialogue } from '../shared/session/fold.ts';
import type { DialogueState } from '../shared/session/state.ts';
import { withLog, type Operator } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { columns, paint, print, printJson } from './terminal.ts';

const BATCH = 1_000;
const FIRST_WINDOW = 2_000;
const GROWTH = 8;
const AT_ONCE = 16;

export interface SessionSummary {
  readonly tenant: string;
  readonly session: string;
  readonly phase: DialogueState['phase'];
  readonly bot: string | undefined;
  readonly locale: string;
  /** The slot that is being asked for. */
  readonly asking: string | undefined;
  readonly turns: number;
  /** Turns that have not ended. */
  readonly open: number;
  readonly lastEvent: string;
  readonly lastActivity: string;
}

export interface SessionsOptions extends GivenPlaces {
  readonly tenant?: TenantId;
  readonly limit: number;
  readonly json?: boolean;
}

/** Lists the sessions that were active last, newest first. */
export async function listSessions(options: SessionsOptions): Promise<void> {
  const { summaries, more } = await withLog(options, (operator) =>
    recentSessions(operator, options.limit, options.tenant),
  );
  if (options.json) {
    printJson({ sessions: summaries, more });
    return;
  }
  if (summaries.length === 0) {
    print(options.tenant ? `No sessions of tenant ${options.tenant}.` : 'No sessions yet.');
    return;
  }
  const head = ['SESSION', 'TENANT', 'PHASE', 'TURNS', 'LAST ACTIVITY', 'LAST EVENT'].map((h) => paint('dim', h));
  const rows = summaries.map((s) => [
    paint('bold', s.session),
    s.tenant,
    s.asking ? `${s.phase}, asks ${s.asking}` : s.phase,
    s.open > 0 ? `${s.turns} (${s.open} open)` : String(s.turns),
    s.lastActivity.replace('T', ' ').replace(/\.\d+Z$/u, 'Z'),
    s.lastEvent,
  ]);
  for (const line of columns([head, ...rows])) print(line);
  if (more) print(paint('dim', `There are more; --limit shows them.`));
}

/**
 * The sessions that were active last. The log is read backwards from its end in growing windows, until enough sessions
 * were met: cheap for the newest however many there are, and in the right order, which a list of subjects is not.
 */
export async function recentSessions(
  { nc, log }: Operator,
  limit: number,
  tenant?: TenantId,
): Promise<{ readonly summaries: readonly SessionSummary[]; readonly more: boolean }> {
  const refs = await lastActive(nc, limit + 1, tenant);
  const summaries: SessionSummary[] = [];
  for (let i = 0; i < Math.min(limit, refs.length); i += AT_ONCE) {
    const batch = refs.slice(i, Math.min(i + AT_ONCE, limit));
    summaries.push(...(await Promise.all(batch.map((ref) => summaryOf(nc, log, ref)))));
  }
  return { summaries, more: refs.length > limit };
}

async function lastActive(nc: NatsConnection, wanted: number, tenant?: TenantId): Promise<readonly SessionRef[]> {
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info(CONVERSATIONS);
  const send = requests(nc);
  const newestFirst = new Map<string, SessionRef>();
  let end = state.last_seq;
  for (let window = FIRST_WINDOW; end >= state.first_seq && newestFirst.size < wanted; window *= GROWTH) {
    const begin = Math.max(state.first_seq, end - window + 1);
    const inWindow = new Map<string, SessionRef>();
    for (let seq = begin; seq <= end;) {
      const query = { seq, next_by_subj: `conv.*.${tenant ?? '*'}.>`, batch: BATCH };
      const messages = await send.many(`$JS.API.DIRECT.GET.${CONVERSATIONS}`, Buffer.from(JSON.stringify(query)));
      for (const { headers } of messages) {
        seq = Number(headers?.get('Nats-Sequence')) + 1;
        if (seq > end + 1) break;
        const [, , of = '', session = ''] = headers?.get('Nats-Subject').split('.') ?? [];
        const key = `${of}/${session}`;
        inWindow.delete(key);
        inWindow.set(key, { tenant: of as TenantId, session: session as SessionId });
      }
      if (messages.length === 0) break;
    }
    for (const [key, ref] of [...inWindow].reverse()) if (!newestFirst.has(key)) newestFirst.set(key, ref);
    end = begin - 1;
  }
  return [...newestFirst.values()].slice(0, wanted);
}

async function summaryOf(nc: NatsConnection, log: Log, ref: SessionRef): Promise<SessionSummary> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const [latest, recalled, info] = await Promise.all([
    log.latest(ref),
    recall(log, sessionCache(0), dialogue as never, ref, 0),
    jsm.streams.info(CONVERSATIONS, { subjects_filter: sessionSubject(ref) }),
  ]);
  const state = recalled.state as DialogueState;
  const newest = latest.at(-1)?.envelope;
  const turns = Object.entries(info.state.subjects ?? {})
    .filter(([subject]) => subject.endsWith('.utterance.received'))
    .reduce((n, [, count]) => n + count, 0);
  return {
    ...ref,
    phase: state.phase,
    bot: state.bot?.name,
    locale: state.locale,
    asking: state.asking?.slot,
    turns,
    open: state.turns.length,
    lastEvent: newest?.type ?? '',
    lastActivity: newest?.time ?? '',
  };
}
