import type { Draft } from '../../events/define.ts';
import type { EventId } from '../../events/envelope.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { HttpProblem, problem } from '../../shared/http/problem.ts';
import type { Stored } from '../../shared/log/log.ts';
import { recall, sessionCache } from '../../shared/runtime/recall.ts';
import { dialogue } from '../../shared/session/fold.ts';
import type { DialogueState } from '../../shared/session/state.ts';
import { accept, type Acceptance } from '../../shared/incoming/accept.ts';
import type { Exchange } from './exchange.ts';
import { freshId } from '../../shared/incoming/fresh-id.ts';
import { exceeded } from './limits.ts';
import { localeOf } from './locale.ts';
import { UNDECIDED_TURNS } from './options.ts';
import { botOf, gone, versionFor } from '../../shared/incoming/sessions.ts';
import type { View } from '../../shared/incoming/views.ts';

/** What a customer said, before it is known what it means for the session. */
export interface Said {
  readonly text: string;
  readonly locale?: string;
  readonly payload?: string;
}

/** What became of it. */
export interface Posted {
  readonly stored: Stored;
  readonly repeated: boolean;
  /** The ending of its turn, or undefined when the time has passed. */
  readonly ending: Promise<Stored | undefined>;
}

/**
 * Stores an utterance and expects the ending of its turn. Undefined where the session is closed.
 *
 * @param id derived from a key of the sender; undefined: it has none.
 */
export async function postUtterance(
  x: Exchange,
  view: View,
  said: Said,
  id: EventId | undefined,
  waitMs: number,
): Promise<Posted | undefined> {
  const { at, quota } = x;
  if (quota.turns >= quota.turnsInFlight) throw exceeded('turns in flight', quota.turnsInFlight, 1);
  if (view.open.size >= UNDECIDED_TURNS) await recount(x, view);
  const now = at.options.now();
  const event = id ?? freshId(now.getTime());
  const { text, payload } = said;
  const data = {
    text,
    locale: said.locale ?? localeOf(text, tonguesOf(x, view)),
    channel: view.channel,
    bot: versionFor(at, view),
    ...(view.timezone !== undefined && { timezone: view.timezone }),
    ...(payload !== undefined && { payload }),
  };
  const ending = at.turns.expect(event, view.ref, quota, waitMs);
  try {
    const acceptance = await accept(accepting(x), view, {
      id: event,
      keyed: id !== undefined,
      draft: utteranceReceived(data),
      time: now.toISOString(),
      traceparent: x.traceparent,
      locale: said.locale,
      needs: 'open',
    });
    const stored = standing(acceptance);
    if (!stored) {
      at.turns.cancel(event);
      return undefined;
    }
    const repeated = acceptance.kind === 'repeated';
    at.turns.accepted(event, stored.position, repeated);
    return { stored, repeated, ending };
  } catch (error) {
    at.turns.cancel(event);
    throw error;
  }
}

/** Stores something that opens no turn. Undefined where the session is closed. */
export async function postOther(
  x: Exchange,
  view: View,
  draft: Draft,
  id: EventId | undefined,
): Promise<{ readonly stored: Stored; readonly repeated: boolean } | undefined> {
  const now = x.at.options.now();
  const acceptance = await accept(accepting(x), view, {
    id: id ?? freshId(now.getTime()),
    keyed: id !== undefined,
    draft,
    time: now.toISOString(),
    traceparent: x.traceparent,
    needs: 'open',
  });
  const stored = standing(acceptance);
  return stored && { stored, repeated: acceptance.kind === 'repeated' };
}

const accepting = ({ at }: Exchange) => ({
  log: at.options.log,
  tail: at.options.tail,
  views: at.views,
  emitter: at.emitter,
});

/** What stands in the log now; undefined where the session is closed. */
function standing(acceptance: Acceptance): Stored | undefined {
  switch (acceptance.kind) {
    case 'accepted':
    case 'repeated':
      return acceptance.stored;
    case 'out-of-place':
      return undefined;
    case 'gone':
      throw gone();
    case 'differs':
      throw new HttpProblem(
        problem(422, 'key-reused', 'The key was used for another request', {
          errors: [{ field: 'Idempotency-Key', message: 'came before with another body' }],
        }),
      );
  }
}

const NO_CACHE = sessionCache(0);

/** Before a session is refused, the log says how many turns really are undecided. */
async function recount({ at }: Exchange, view: View): Promise<void> {
  const { state } = await recall(at.options.log, NO_CACHE, dialogue as never, view.ref, view.position);
  const undecided = (state as DialogueState).turns.filter(({ decided }) => !decided);
  view.open.clear();
  for (const { id } of undecided) view.open.add(id);
  if (undecided.length >= UNDECIDED_TURNS) throw exceeded('undecided turns of the session', UNDECIDED_TURNS, 1);
}

const tonguesOf = ({ at }: Exchange, view: View) => ({
  opened: view.openedLocale,
  last: view.lastLocale,
  bot: botOf(at, view.ref).locales,
});
