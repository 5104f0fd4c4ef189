import { requestText, type Answer, type Pool } from '../lib/http-connection.ts';
import { latencies } from '../lib/latencies.ts';
import type { LoadResult, LoadSession, LoadSetup } from './protocol.ts';

/** A customer who was told to come back does not ask ten times a second. */
const LATE_POLL_MS = 2_000;
const LATE_LIMIT_MS = 60_000;

/** Says things and keeps the books. */
export interface Talk {
  /** Says the next thing in a session; `intended`: when that was to happen. Resolves when it is settled. */
  turn(session: number, intended: number): Promise<Settled>;
  /** The books since the last time, and new ones. */
  close(ms: number): LoadResult;
  readonly settled: () => number;
}

/** How a turn was settled; `retryAfterMs` where it was refused for a while. */
export interface Settled {
  readonly retryAfterMs: number;
}

/** Talks in sessions over a pool of connections. */
export function talkOver(pool: Pool, { sessions, queries }: LoadSetup): Talk {
  const said = sessions.map(() => 0);
  let books = emptyBooks(sessions.length);

  const answered = (intended: number, ending: unknown) => {
    books.times.add(performance.now() - intended);
    const name = String(ending);
    count(books.endings, name);
  };
  const failed = (what: string): Settled => {
    count(books.errors, what);
    return { retryAfterMs: 0 };
  };
  const settle = async (session: number, intended: number): Promise<Settled> => {
    const at = sessions[session];
    if (!at) throw new RangeError(`there is no session ${session}`);
    const query = queries[(said[session] ?? 0) % queries.length];
    said[session] = (said[session] ?? 0) + 1;
    books.sent++;
    let answer: Answer;
    try {
      answer = await pool.request(requestText('POST', '/v1/chat', { key: at.key, body: { sessionId: at.id, query } }));
    } catch (error) {
      return failed(error instanceof Error ? error.message : 'no answer');
    }
    switch (answer.status) {
      case 200:
        books.turns[session] = (books.turns[session] ?? 0) + 1;
        answered(intended, (JSON.parse(answer.body) as { readonly ending?: string }).ending);
        return { retryAfterMs: 0 };
      case 202:
        books.turns[session] = (books.turns[session] ?? 0) + 1;
        books.late++;
        await comesLate(pool, at, answer, (ending) => {
          answered(intended, ending);
        }).catch(() => books.unanswered++);
        return { retryAfterMs: 0 };
      case 429:
      case 503:
        count(books.refused, `${answer.status} ${problemOf(answer.body)}`);
        return { retryAfterMs: 1_000 * Number(/\r\nretry-after: *(\d+)/iu.exec(answer.head)?.[1] ?? 1) };
      default:
        return failed(`${answer.status} ${problemOf(answer.body)}`);
    }
  };

  let settled = 0;
  return {
    async turn(session, intended) {
      const result = await settle(session, intended);
      settled++;
      return result;
    },
    settled: () => settled,
    close(ms) {
      const { times, sent, endings, errors, late, unanswered, refused, turns } = books;
      books = emptyBooks(sessions.length);
      settled = 0;
      return { ms, sent, latencies: times.all(), endings, errors, late, unanswered, refused, turns };
    },
  };
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

const emptyBooks = (sessions: number) => ({
  times: latencies(),
  sent: 0,
  endings: {} as Record<string, number>,
  errors: {} as Record<string, number>,
  late: 0,
  unanswered: 0,
  refused: {} as Record<string, number>,
  turns: Array.from({ length: sessions }, () => 0),
});

/** A turn that took longer than a request waits: its reply is where `Location` says. */
async function comesLate(
  pool: Pool,
  { key }: LoadSession,
  { head }: Answer,
  answered: (ending: unknown) => void,
): Promise<void> {
  const location = /\r\nlocation: *(\S+)/iu.exec(head)?.[1];
  const end = performance.now() + LATE_LIMIT_MS;
  while (location && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LATE_POLL_MS));
    // Refused or cut off: nothing is known yet, and the next time may tell.
    const answer = await pool.request(requestText('GET', location, { key })).catch(() => undefined);
    if (answer?.status !== 200) continue;
    const { ending } = JSON.parse(answer.body) as { readonly ending?: string };
    if (ending === undefined) continue;
    answered(ending);
    return;
  }
  throw new Error('never answered');
}

function problemOf(body: string): string {
  try {
    return (JSON.parse(body) as { readonly title?: string }).title ?? '';
  } catch {
    return '';
  }
}
