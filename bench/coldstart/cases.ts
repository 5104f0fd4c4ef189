import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TenantId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { groupsOf } from '../../functions/index.ts';
import { archiveRole, groupRole, relayRole, type Role } from '../../shared/access/roles.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { runGroup } from '../../shared/runtime/chain.ts';
import { DONE } from '../../shared/runtime/http.ts';
import { keywordPorts, testHost } from '../../shared/testing/rig.ts';
import type { Store } from '../lib/broker.ts';
import { eventOf, nextSession } from '../lib/events.ts';

/** A process whose start is measured. */
export interface Case {
  readonly name: string;
  readonly role: Role;
  readonly env: Readonly<Record<string, string>>;
  /** Within how many milliseconds its first event is to be handled, in 95 of 100 starts. */
  readonly goal: number | undefined;
  /** Writes what it will find to do. Resolves when that is in the log; `handled` when it has done it. */
  readonly prepare: () => Promise<{ readonly handled: Promise<unknown> }>;
}

/** Their names. */
export const CASES = ['intent', 'entity', 'policy', 'reply', 'archive', 'relay'] as const;

const LIMIT_MS = 30_000;
/** Of the sessions that the archive is to find: those of other cases are left alone, so that it has one to deal with. */
const IDLE_TENANT = 'idle' as TenantId;

/** Every process that handles events, and what its first event is. */
export async function cases(store: Store, bot: Bot, atEnd: (end: () => unknown) => void): Promise<readonly Case[]> {
  const log = jetstreamLog(store.nc);
  const tail = tailOf(log);
  const ref = { name: bot.name, hash: bot.hash };
  const groups = groupsOf('hop-by-hop');

  const happens = ({ tenant, session }: SessionRef, types: readonly string[]) =>
    within(types.join(), (done) => {
      const following = log.follow({ tenant, session, types }, () => {
        following.stop();
        done();
      });
    });
  /** A session in which a customer has said something that some functions have dealt with. */
  const said = async (by: readonly string[], tenant?: TenantId): Promise<SessionRef> => {
    const session = { ...nextSession(), ...(tenant && { tenant }) };
    await tail.append(eventOf(session, sessionOpened({ channel: 'bench', bot: ref })));
    const text = 'where is my parcel TS12345678';
    const placed = await tail.append(
      eventOf(session, utteranceReceived({ text, locale: 'en', channel: 'bench', bot: ref })),
    );
    if (placed.kind === 'duplicate') throw new Error('an id came twice');
    const functions = groups.flatMap((group) => (by.includes(group.name) ? group.functions : []));
    const host = testHost(log, { bots: () => bot, ports: keywordPorts, now: () => new Date() });
    const stored: Stored = placed.stored;
    await runGroup({ name: 'before', functions }, { stored, attempt: 1 }, host, new AbortController().signal);
    return session;
  };
  const fn = (name: string, before: readonly string[], emits: readonly string[], goal: number): Case => {
    const group = groups.find((g) => g.name === name);
    if (!group) throw new Error(`there is no function ${name}`);
    return {
      name,
      role: groupRole(group),
      env: {},
      goal,
      async prepare() {
        return { handled: happens(await said(before), emits) };
      },
    };
  };

  const dir = await mkdtemp(join(tmpdir(), 'turnstream-coldstart-'));
  atEnd(() => rm(dir, { recursive: true }));
  // Idle after a millisecond.
  await writeFile(join(dir, 'tenants.yml'), `tenants: { ${IDLE_TENANT}: { bot: shop, idleDays: 0.00000001 } }\n`);
  let onPost: () => void = () => undefined;
  const receiver = createServer((request, response) => {
    onPost();
    request.resume().once('end', () => response.writeHead(204, { [DONE]: request.headers['ce-position'] }).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  atEnd(() => receiver.close());
  const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

  return [
    fn('intent', [], ['intent.classified', 'intent.not-recognised'], 300),
    fn('entity', [], ['entities.extracted'], 150),
    fn('policy', ['intent', 'entity'], ['policy.decided'], 150),
    fn('reply', ['intent', 'entity', 'policy'], ['turn.replied'], 150),
    {
      name: 'archive',
      role: archiveRole,
      goal: 150,
      env: { TURNSTREAM_TENANTS: join(dir, 'tenants.yml'), TURNSTREAM_ARCHIVE_DIR: join(dir, 'archive') },
      async prepare() {
        const session = await said(['intent', 'entity', 'policy', 'reply'], IDLE_TENANT);
        return { handled: happens(session, ['session.archived']) };
      },
    },
    {
      name: 'relay',
      role: relayRole(groups),
      goal: undefined,
      env: { TURNSTREAM_RELAY_TARGETS: JSON.stringify({ intent: target }) },
      async prepare() {
        await said([]);
        return { handled: within('a request', (done) => (onPost = done)) };
      },
    },
  ];
}

function within(what: string, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${what} within ${LIMIT_MS / 1_000} s`));
    }, LIMIT_MS);
    begin(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
