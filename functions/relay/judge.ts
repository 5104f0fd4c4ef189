import * as v from 'valibot';
import { parseRetryAfter } from '../../shared/egress/retry-after.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Worked } from '../../shared/runtime/deliveries.ts';
import type { Answer } from './client.ts';

/** What an answer means for the delivery, and for how the function is thought of. */
export interface Judgement {
  readonly worked: Worked;
  /** Whether the function is not as it should be, so that its breaker counts it. */
  readonly isFault: boolean;
  /** The answer in a word, for metrics: a status, or why there was none. */
  readonly label: string;
}

export interface Tried {
  readonly position: number;
  /** How often it was tried here before, and how often a process has begun with it. */
  readonly runs: number;
  readonly attempt: number;
  readonly now: Date;
  /** In [0, 1): spreads what comes again. */
  readonly chance: number;
}

const FIRST_MS = 100;
const LONGEST_MS = 10_000;
/** A function that asks for a longer pause is asked again all the same. */
const LONGEST_ASKED_MS = 60_000;
const LENGTH = 200;

const OurProblem = v.object({
  type: v.pipe(v.string(), v.startsWith('urn:turnstream:problem:')),
  code: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]{0,63}$/u))),
  title: v.string(),
  detail: v.optional(v.string()),
  retryAfterMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** Statuses by which a function says of an event that nobody can use it. */
const UNUSABLE = new Set([400, 413, 415, 422, 431]);

/**
 * Translates an answer. Done is only what the function itself says is done, of this very event: proxies, queues and
 * default pages answer 202 as well. Unusable is only what it says in its own words: a 404 or 413 of something on the way
 * speaks of the way and not of the event. A 500 or 502, or silence, may mean that the event has ended its process.
 */
export function judge(answer: Answer, tried: Tried): Judgement {
  if (answer.kind === 'not-reached') return fault(away(answer.why, tried), 'not-reached');
  if (answer.kind === 'lost') return fault(lost(tried), answer.why);
  const { status, done } = answer;
  const label = String(status);
  if ((status === 202 || status === 204) && done === String(tried.position)) {
    return { worked: { kind: 'ignored' }, isFault: false, label };
  }
  const said = v.safeParse(OurProblem, answer.problem);
  const asked = parseRetryAfter(answer.retryAfter, tried.now);
  if (said.success) {
    const { code = 'event.refused', title, detail = title, retryAfterMs = asked } = said.output;
    const error = (retry: 'later' | 'never') => new PlatformError(code, detail.slice(0, LENGTH), { retry });
    if (UNUSABLE.has(status)) return { worked: { kind: 'rejected', error: error('never') }, isFault: false, label };
    if (status === 429 || status === 503) {
      const afterMs = pause(retryAfterMs, tried);
      return { worked: { kind: 'retry', afterMs, error: error('later') }, isFault: false, label };
    }
  }
  if (status === 429) return { worked: away(label, tried, asked), isFault: false, label };
  if (status >= 500 && status !== 503) return fault(lost(tried), label);
  return fault(away(label, tried, asked), label);
}

const fault = (worked: Worked, label: string): Judgement => ({ worked, isFault: true, label });

const lost = (tried: Tried): Worked => ({ kind: 'lost', afterMs: backOff(tried.attempt - 1, tried) });

const away = (why: string, tried: Tried, asked?: number): Worked => ({
  kind: 'retry',
  afterMs: pause(asked, tried),
  error: new PlatformError('relay.no-function', `the function did not take the event (${why})`, { retry: 'later' }),
});

const pause = (asked: number | undefined, tried: Tried): number =>
  asked === undefined ? backOff(tried.runs, tried) : Math.min(asked, LONGEST_ASKED_MS);

/** Doubles from a tenth of a second to ten seconds, and is spread over half of that. */
const backOff = (times: number, { chance }: Tried): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** times) * (0.5 + chance / 2);
