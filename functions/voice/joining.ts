import * as v from 'valibot';
import { callStarted } from '../../events/call.ts';
import type { EventId } from '../../events/envelope.ts';
import { locale as localeSchema, timezone as timezoneSchema } from '../../events/fields.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { freshId } from '../../shared/incoming/fresh-id.ts';
import { newSession } from '../../shared/incoming/names.ts';
import { continued, named, open, type Sessions } from '../../shared/incoming/sessions.ts';
import type { View } from '../../shared/incoming/views.ts';
import { PHONE } from '../../shared/session/heard.ts';
import type { Admitted } from './admission.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import type { LineEvent } from './lines/line.ts';
import type { Surroundings } from './options.ts';
import { EMITTER } from './journal.ts';

/** The channel of sessions that begin with a call. */
export const CHANNEL = PHONE;

/** A call that stands in the log. */
export interface Joined {
  readonly ref: CallRef;
  readonly position: number;
  readonly bot: Bot;
  readonly locale: string;
  readonly timezone: string | undefined;
}

const Wishes = v.object({
  session: v.optional(v.fallback(v.optional(v.pipe(v.string(), v.maxLength(64))), undefined)),
  user: v.optional(v.fallback(v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))), undefined)),
  locale: v.optional(v.fallback(v.optional(localeSchema), undefined)),
  timezone: v.optional(v.fallback(v.optional(timezoneSchema), undefined)),
});

/**
 * Opens a session for a call, or joins the one that is meant, and writes down that the call has begun. Undefined: the
 * call was let in before. Fails as opening sessions does.
 */
export async function join(
  at: Sessions,
  { bots, lease }: Pick<Surroundings, 'bots' | 'lease'>,
  admitted: Admitted,
  started: Extract<LineEvent, { kind: 'started' }>,
): Promise<Joined | undefined> {
  const { caller, key } = admitted;
  const wishes = v.parse(Wishes, started.parameters);
  const { timezone } = wishes;
  const spoken = admitted.locale ?? wishes.locale;
  const opening = { channel: CHANNEL, ...(spoken && { locale: spoken }), ...(timezone && { timezone }) };
  const id = admitted.session ?? (admitted.isTrusted ? wishes.session : undefined);
  const user = admitted.isTrusted ? wishes.user : undefined;

  let view: View | undefined;
  if (id !== undefined) view = await continued(at, caller, id, CHANNEL);
  else if (user !== undefined) view = await named(at, caller, user, opening);
  else {
    const session = newSession(at.options.sessionKey, caller, freshId(at.options.now().getTime()), key);
    view = (await open(at, { tenant: caller.tenant, session }, opening))?.view;
  }
  if (!view) return undefined;

  const { ref, bot: named_ } = view;
  // Before the call stands in the log: without its bot there is none.
  const bot = await bots(named_.hash);
  const now = at.options.now();
  const call = key === undefined ? freshId(now.getTime()) : callOf(ref, key);
  // First: who dies after this leaves no call that nobody ends.
  await lease({ ...ref, call });
  const { gateway, format } = started;
  const { type, revision, data } = callStarted({ call, gateway, ...format });
  const placed = await at.options.tail.append({
    id: call,
    type,
    revision,
    ...ref,
    time: now.toISOString(),
    emitter: EMITTER,
    data,
  });
  if (placed.kind === 'duplicate') return undefined;
  return {
    ref: { ...ref, call },
    position: placed.stored.position,
    bot,
    locale: spoken ?? view.lastLocale ?? view.openedLocale ?? bot.locales[0],
    timezone: timezone ?? view.timezone,
  };
}

const callOf = ({ tenant, session }: View['ref'], key: string): EventId => incomingId('call', tenant, session, key);
