import type { TenantId } from '../../../events/envelope.ts';
import type { DeskBook, Noted } from '../../../shared/desk/book.ts';
import type { Following } from '../../../shared/log/log.ts';
import type { Quota } from '../limits.ts';
import { queueOf, type Sight } from './queue.ts';

/** The queues that are being watched here. */
export interface DeskFeeds {
  /** The queue as it is now, and again whenever it changes, as server-sent events. */
  open(tenant: TenantId, sight: Sight, quota: Quota): ReadableStream<Uint8Array>;
  /** Looks after what is due. */
  tick(): void;
  /** Asks every client to come back, to whichever process is there then. */
  closeAll(): void;
}

/** A queue of one tenant, for everybody who watches it here. */
interface Feed {
  /** The sessions at the desk. */
  known: ReadonlyMap<string, Noted>;
  readonly watchers: Set<Watcher>;
  readonly bell: Following;
  /** Everything up to this place was read; undefined: nothing yet. */
  through: number | undefined;
  /** A bell rang for this place. */
  wanted: number;
  reading: boolean;
  lookAt: number;
}

interface Watcher {
  tick(): void;
  close(farewell?: string): void;
}

const HEARTBEAT_MS = 15_000;
const BEHIND_BYTES = 256 * 1024;
const RECONNECT = 'retry: 1000\n\n';
const utf8 = new TextEncoder();

/**
 * Queues as server-sent events. Each event is the whole queue, so whoever comes back after a break needs no memory of
 * what he had; several changes within a tick are one event, and who reads slowly gets fewer of them. Bells only say
 * when to look: what is told is what was read in order, so its position grows with each event.
 */
export function deskFeeds(desk: DeskBook | undefined, lookMs: number, now: () => number): DeskFeeds {
  const feeds = new Map<TenantId, Feed>();

  const read = async (book: DeskBook, tenant: TenantId, feed: Feed): Promise<void> => {
    feed.reading = true;
    feed.lookAt = now() + lookMs;
    try {
      const changed = await book.read(tenant, feed.through);
      const known = new Map([...feed.known, ...changed.map((noted) => [noted.session, noted] as const)]);
      for (const { session, note } of known.values()) if (!note.entry) known.delete(session);
      if (changed.length > 0) feed.known = known;
      feed.through = changed.at(-1)?.place ?? feed.through ?? 0;
    } catch {
      // The log is away: the next look may find it.
    } finally {
      feed.reading = false;
    }
  };
  const feedOf = (book: DeskBook, tenant: TenantId): Feed => {
    const before = feeds.get(tenant);
    if (before) return before;
    const feed: Feed = {
      known: new Map(),
      watchers: new Set(),
      bell: book.follow(tenant, ({ place }) => {
        feed.wanted = Math.max(feed.wanted, place);
      }),
      through: undefined,
      wanted: 0,
      reading: false,
      lookAt: 0,
    };
    feeds.set(tenant, feed);
    void read(book, tenant, feed);
    return feed;
  };

  return {
    open(tenant, sight, quota) {
      if (!desk) throw new Error('there is no desk');
      const feed = feedOf(desk, tenant);
      let out: ReadableStreamDefaultController<Uint8Array>;
      let told = '';
      let toldOf: Feed['known'] | undefined;
      let spokeAt = now();
      const send = (text: string) => {
        spokeAt = now();
        out.enqueue(utf8.encode(text));
      };
      const leave = () => {
        if (!feed.watchers.delete(watcher)) return;
        quota.openStreams--;
        if (feed.watchers.size > 0) return;
        feed.bell.stop();
        feeds.delete(tenant);
      };
      const watcher: Watcher = {
        tick() {
          const { known, through: position } = feed;
          // Nothing is told before the first read has told everything, and nothing to a reader who is far behind.
          if (position === undefined || (out.desiredSize ?? 0) <= 0) return;
          if (known !== toldOf) {
            toldOf = known;
            const queue = queueOf([...known.values()], sight, 0);
            const content = JSON.stringify(queue);
            if (content !== told) send(`id: ${position}\ndata: ${JSON.stringify({ ...queue, position })}\n\n`);
            told = content;
          }
          if (now() - spokeAt >= HEARTBEAT_MS) send(': still here\n\n');
        },
        close(farewell) {
          if (farewell !== undefined) send(farewell);
          leave();
          out.close();
        },
      };
      quota.openStreams++;
      feed.watchers.add(watcher);
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            out = controller;
          },
          cancel: leave,
        },
        { highWaterMark: BEHIND_BYTES, size: (chunk) => chunk.byteLength },
      );
      send(': open\n\n');
      return body;
    },
    tick() {
      for (const [tenant, feed] of feeds) {
        // A replica may be behind the bell: then it is asked again.
        const isDue = now() >= feed.lookAt || feed.wanted > (feed.through ?? 0);
        if (desk && !feed.reading && isDue) void read(desk, tenant, feed);
        for (const watcher of feed.watchers) watcher.tick();
      }
    },
    closeAll() {
      for (const { watchers } of feeds.values()) for (const watcher of [...watchers]) watcher.close(RECONNECT);
    },
  };
}
