import type { DataOf } from '../../events/define.ts';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { sessionOpened, sessionResumed } from '../../events/session.ts';
import type { Migration } from '../bot/bot.ts';
import { takesOver } from '../bot/migrate.ts';
import { PlatformError } from '../errors/index.ts';
import type { Tail } from '../log/append.ts';
import type { Log, SessionRef } from '../log/log.ts';
import { readSession } from '../log/read.ts';
import { HttpProblem, invalid, problem } from '../http/problem.ts';
import type { Caller } from '../tenancy/authenticate.ts';
import { accept } from './accept.ts';
import { freshId } from './fresh-id.ts';
import { owns, sessionOfName } from './names.ts';
import type { View, Views } from './views.ts';

type Opening = Omit<DataOf<typeof sessionOpened>, 'bot'>;
type Archived = DataOf<typeof sessionResumed>['archived'];

/** The bot that a tenant's new sessions talk to, and those that it takes over from an earlier version. */
export interface TenantBot {
  readonly name: string;
  readonly hash: string;
  readonly locales: readonly string[];
  readonly migrate?: Migration;
}

/** What the sessions of a deployment stand in. */
export interface SessionOptions {
  readonly log: Log;
  readonly tail: Tail;
  /** The secret from which the sessions of channels' users are named. The same for every process of a deployment. */
  readonly sessionKey: string;
  readonly botOf: (tenant: TenantId) => TenantBot | undefined;
  readonly now: () => Date;
  /** Whether a session was erased: its id never opens again. Default: none was. */
  readonly isErased?: (ref: SessionRef) => boolean | Promise<boolean>;
  /** What the archive keeps of a session that has left the log. Default: nothing. */
  readonly archivedOf?: (ref: SessionRef) => Promise<Archived>;
}

/** What finding and opening sessions needs. `emitter`: who opens them, for the log. */
export interface Sessions {
  readonly views: Views;
  readonly emitter: string;
  readonly options: SessionOptions;
}

/** The channel of whoever names none. */
export const DEFAULT_CHANNEL = 'api';

const SESSION_ID = /^(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{32})$/u;
/** A replica may not have heard yet of a session that was opened a moment ago. */
const SECOND_LOOK_MS = 100;
const GENERATIONS = 100;
const ATTEMPTS = 5;

/** The session of an id that a client gave. Whose it is, is not told to others: they get the same answer as for none. */
export async function existing(at: Sessions, caller: Caller, id: string): Promise<View> {
  const found = await lookedUp(at, caller, id);
  if ('view' in found) return found.view;
  // What was said stands in the archive; saying something brings the session back.
  throw gone();
}

/** The session of an id that a client gave, whether there is one or not. Fails with the problem that it is no id. */
export function refOf({ tenant }: Caller, id: string): SessionRef {
  if (!SESSION_ID.test(id)) throw invalid('session', 'is not a session id');
  return { tenant, session: id as SessionId };
}

/** The open session of an id: one that has left for the archive is continued, one that was closed is not. */
export async function continued(at: Sessions, caller: Caller, id: string, channel: string): Promise<View> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await lookedUp(at, caller, id);
    if ('view' in found) {
      const { view } = found;
      if (view.phase === 'open') return view;
      if (view.phase === 'closed') throw closed();
      await resume(at, view);
    } else {
      if (found.archived.snapshot.state['phase'] === 'closed') throw closed();
      const made = await open(at, found.ref, { channel }, found.archived);
      if (made) return made.view;
      await afterAMoment(() => undefined);
    }
  }
  throw contended();
}

type Found = { readonly view: View } | { readonly ref: SessionRef; readonly archived: NonNullable<Archived> };

/** Fails with the problem that a session of this id is unknown, or was erased. */
async function lookedUp(at: Sessions, caller: Caller, id: string): Promise<Found> {
  const ref = refOf(caller, id);
  if (!owns(at.options.sessionKey, caller, id)) throw unknownSession();
  const view = at.views.known(ref) ?? (await at.views.find(ref)) ?? (await afterAMoment(() => at.views.find(ref)));
  if (view) return { view };
  const { erased, archived } = await pastOf(at, ref);
  if (erased) throw gone();
  if (archived) return { ref, archived };
  throw unknownSession();
}

/** The open session of a name that a client chose: opened on first use, resumed where it was closed or has left. */
export function named(at: Sessions, caller: Caller, name: string, opening: Opening): View | Promise<View> {
  const ref = refOfName(at, caller, name, opening.channel, 0);
  const known = at.views.known(ref);
  return known?.phase === 'open' ? known : newestOf(at, caller, name, opening);
}

/** A name that was erased begins anew, as its next generation. */
async function newestOf(at: Sessions, caller: Caller, name: string, opening: Opening): Promise<View> {
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const view = await opened(at, refOfName(at, caller, name, opening.channel, generation), opening);
    if (view) return view;
  }
  throw new PlatformError('gateway.generations', 'a name was erased too often', { retry: 'never' });
}

const refOfName = (at: Sessions, caller: Caller, name: string, channel: string, generation: number): SessionRef => ({
  tenant: caller.tenant,
  session: sessionOfName(at.options.sessionKey, caller, channel, name, generation),
});

/** The open session of a reference, whatever state it was in; undefined where it was erased. */
export async function opened(at: Sessions, ref: SessionRef, opening: Opening): Promise<View | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await at.views.find(ref);
    if (found?.phase === 'open') return found;
    if (found) {
      await resume(at, found);
      continue;
    }
    const past = await pastOf(at, ref);
    if (past.erased) return undefined;
    const made = await open(at, ref, opening, past.archived);
    if (made) return made.view;
    // Somebody else was faster; a replica may not have heard of it yet.
    await afterAMoment(() => undefined);
  }
  throw contended();
}

/** Opens a session that nobody has opened before; undefined where somebody has. */
export async function open(
  at: Sessions,
  ref: SessionRef,
  opening: Opening,
  archived?: Archived,
): Promise<{ readonly view: View; readonly position: number } | undefined> {
  const { log, tail, now } = at.options;
  const bot = botRef(botOf(at, ref));
  const { type, revision, data } = archived
    ? sessionResumed({ channel: opening.channel, bot, archived })
    : sessionOpened({ ...opening, bot });
  const time = now();
  const id = freshId(time.getTime());
  const envelope = { id, type, revision, ...ref, time: time.toISOString(), emitter: at.emitter, data };
  const result = await log.append(envelope, 0);
  if (result.kind !== 'appended') return undefined;
  tail.reached(ref, result.stored.position);
  const view = at.views.begin(ref, [result.stored]);
  return view && { view, position: result.stored.position };
}

/** What became of a session that is not in the log. */
export async function pastOf({ options: { isErased, archivedOf } }: Sessions, ref: SessionRef) {
  const [erased, archived] = await Promise.all([isErased?.(ref) ?? false, archivedOf?.(ref)]);
  return { erased, archived };
}

async function resume(at: Sessions, view: View): Promise<void> {
  const { log, tail, now, archivedOf } = at.options;
  const archived = view.phase === 'archived' ? await archivedOf?.(view.ref) : undefined;
  const time = now();
  const draft = sessionResumed({
    channel: view.channel,
    bot: botRef(botOf(at, view.ref)),
    ...(archived && { archived }),
  });
  await accept({ log, tail, views: at.views, emitter: at.emitter }, view, {
    id: freshId(time.getTime()),
    keyed: false,
    draft,
    time: time.toISOString(),
    traceparent: undefined,
    needs: 'closed',
  });
}

/** The events of a session after a position, as far as a replica knows, and as far as this process knows at least. */
export function eventsAfter(log: Log, { ref, position }: View, after: number) {
  return readSession(log, ref, { after, through: position > after ? position : 0 });
}

/** The bot of a tenant. */
export function botOf(at: Sessions, { tenant }: Pick<SessionRef, 'tenant'>): TenantBot {
  const bot = at.options.botOf(tenant);
  if (bot) return bot;
  throw new PlatformError('tenants.no-bot', 'the tenant has no bot', { retry: 'later', retryAfterMs: 10_000 });
}

const botRef = ({ name, hash }: TenantBot) => ({ name, hash });

/** The version that a session's next message is for: its own, unless the tenant's bot takes over from that. */
export function versionFor(at: Sessions, view: View): View['bot'] {
  const current = at.options.botOf(view.ref.tenant);
  return current && takesOver(current, view.bot) ? botRef(current) : view.bot;
}

const contended = () =>
  new PlatformError('log.contended', 'could not open a session', { retry: 'later', retryAfterMs: 1_000 });

async function afterAMoment<T>(look: () => T): Promise<Awaited<T>> {
  await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS));
  return await look();
}

const unknownSession = () =>
  new HttpProblem(
    problem(404, 'unknown-session', 'There is no such session', {
      errors: [{ field: 'session', message: 'names no session' }],
    }),
  );

/** The session was erased, or what was asked about has left the log. */
export const gone = (field = 'session') =>
  new HttpProblem(problem(410, 'gone', 'It is not there any more', { errors: [{ field, message: 'was removed' }] }));

/** The session is closed and was named by its id, so it is not opened again. */
export const closed = () =>
  new HttpProblem(
    problem(409, 'session-closed', 'The session is closed', { errors: [{ field: 'session', message: 'is closed' }] }),
  );
