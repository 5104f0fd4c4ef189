import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { SessionId, TenantId } from '../events/envelope.ts';
import { policy } from '../functions/policy/handler.ts';
import { booksOf } from '../shared/archive/books.ts';
import { namesObjects, objectsOf } from '../shared/archive/config.ts';
import { historyOf } from '../shared/archive/history.ts';
import type { Bot } from '../shared/bot/bot.ts';
import { botStore } from '../shared/bot/store.ts';
import { PlatformError } from '../shared/errors/index.ts';
import type { SessionRef, Stored } from '../shared/log/log.ts';
import { readSession } from '../shared/log/read.ts';
import { register } from '../shared/log/register.ts';
import { ARCHIVE, CONVERSATIONS } from '../shared/log/streams.ts';
import { botsIn, replaySession } from '../shared/verify/replay.ts';
import { contradictions, type Chapter, type Story } from '../shared/verify/story.ts';
import { withLog, type Operator } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { UsageError } from './fault.ts';
import { chapterText, verdictText } from './story-text.ts';
import { paint, print, printJson } from './terminal.ts';

export interface ReplayOptions extends GivenPlaces {
  readonly tenant?: TenantId;
  /** Only this turn: its number, counted from 1, or its id. */
  readonly turn?: string;
  readonly json?: boolean;
}

/** Prints a session turn by turn and returns the exit code: 1 where something came out otherwise than it is stored. */
export async function replay(session: SessionId, options: ReplayOptions): Promise<number> {
  const story = await withLog(options, async (operator) =>
    storyOf(operator, await refOf(operator.nc, session, options.tenant)),
  );
  const chapters = options.turn === undefined ? story.chapters : [theTurn(story, options.turn)];
  const told: Story = { ...story, chapters };
  const wrong = contradictions(told);
  if (options.json) printJson({ ...told, contradictions: wrong.map(({ position }) => position) });
  else {
    print(`${paint('bold', `Session ${story.session}`)} ${paint('dim', `of tenant ${story.tenant}`)}`);
    let turns = 0;
    for (const chapter of story.chapters) {
      if (chapter.kind === 'turn') turns += 1;
      if (!chapters.includes(chapter)) continue;
      print();
      for (const line of chapterText(chapter, turns)) print(line);
    }
    print();
    for (const line of verdictText(told)) print(line);
  }
  return wrong.length > 0 ? 1 : 0;
}

/** Reads a session and tells it again. */
export async function storyOf(operator: Operator, ref: SessionRef): Promise<Story> {
  const { nc } = operator;
  const events = await eventsOf(operator, ref);
  const load = botStore(nc);
  const bots = new Map<string, Bot>();
  for (const hash of botsIn(events)) {
    // A bot that is gone keeps its decisions from being made again, not from being told.
    const bot = await load(hash).catch((error: unknown) => {
      if (error instanceof PlatformError && error.code === 'bot.unknown') return undefined;
      throw error;
    });
    if (bot) bots.set(hash, bot);
  }
  return replaySession(events, { decider: policy, botOf: (hash) => bots.get(hash) });
}

/** The events of a session, those in the archive first. Fails with `session.unknown` where there are none. */
export async function eventsOf(operator: Operator, ref: SessionRef): Promise<readonly Stored[]> {
  const here = await readSession(operator.log, ref);
  const events = [...(await archived(operator, ref, here[0]?.position)), ...here];
  if (events.length === 0) throw unknownSession(ref.session);
  return events;
}

/** What the archive holds of a session that has left the log, up to where the log begins again. */
async function archived(
  { nc, cipher, objects }: Operator,
  ref: SessionRef,
  before = Infinity,
): Promise<readonly Stored[]> {
  if (!namesObjects(objects)) return [];
  const history = await historyOf(booksOf(nc), objectsOf(objects), cipher, ref);
  return history.filter(({ position }) => position < before);
}

/** Whose session it is, by what stands in the log and in the archive's books. */
export async function refOf(nc: NatsConnection, session: SessionId, tenant?: TenantId): Promise<SessionRef> {
  if (tenant !== undefined) return { tenant, session };
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info(CONVERSATIONS, { subjects_filter: `conv.*.*.${session}.>` });
  const here = Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[2] ?? '');
  const kept = await register(nc, ARCHIVE).subjects(`kept.*.${session}`);
  const tenants = [...new Set([...here, ...kept.map((subject) => subject.split('.')[1] ?? '')])];
  if (tenants.length > 1) throw new UsageError(`more than one tenant has this session; name one with --tenant`);
  const [found] = tenants;
  if (found === undefined) throw unknownSession(session);
  return { tenant: found as TenantId, session };
}

const unknownSession = (session: string) =>
  new PlatformError('session.unknown', `there is no session ${session} in the log or the archive`, { retry: 'never' });

function theTurn({ chapters }: Story, which: string): Chapter {
  const turns = chapters.filter((c) => c.kind === 'turn');
  const found = /^\d{1,6}$/u.test(which) ? turns[Number(which) - 1] : turns.find(({ turn }) => turn === which);
  if (!found) throw new UsageError(`there is no turn ${which}: the session has ${turns.length}`);
  return found;
}
