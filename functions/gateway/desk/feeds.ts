import type { TenantId } from '../../../events/envelope.ts';
import type { DeskBook, Noted } from '../../../shared/desk/book.ts';
import type { Following } from '../../../shared/log/log.ts';
import type { Quota } from '../limits.ts';
import { queueOf, type Queue, type Sight } from './queue.ts';

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
  readonly known: Map<string, Noted>;
  readonly watchers: Set<Watcher>;
  readonly bell: Following;
  /** Everything up to this place was read. */
  through: number;
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
 * what he had; several changes within a tick are one event, and who reads slowly gets fewer of them.
 */
export function deskFeeds(desk: DeskBook | undefined, lookMs: number, now: () => number): DeskFeeds {
  const feeds = new Map<TenantId, Feed>();

  /** Bells and reads may come in any order, and reads from replicas that lag behind: the newest of a session counts. */
  const merge = (feed: Feed, noted: Noted): void => {
    if ((feed.known.get(noted.session)?.place ?? 0) < noted.place) feed.known.set(noted.session, noted);
  };
  const read = async (book: DeskBook, tenant: TenantId, feed: Feed): Promise<void> => {
    feed.reading = true;
    try {
      for (const noted of await book.read(tenant, feed.through)) {
        merge(feed, noted);
        feed.through = noted.place;
      }
      feed.lookAt = now() + lookMs;
    } catch {
      // The log is away: the next look may find it.
    } finally {
      feed.reading = false;
    }
  };
  const feedOf = (book: DeskBook, tenant: TenantId): Feed => {
    const before = feeds.get(tenant);
    if (before) return before;
    const known = new Map<string, Noted>();
    const feed: Feed = {
      known,
      watchers: new Set(),
      bell: book.follow(tenant, (noted) => {
        merge(feed, noted);
      }),
      through: 0,
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
          // Nothing is told before the first read has told everything, and nothing to a reader who is far behind.
          if (feed.lookAt === 0 || (out.desiredSize ?? 0) <= 0) return;
          const { position, ...queue } = queueOf([...feed.known.values()], sight);
          const content = JSON.stringify(queue);
          if (content !== told)
            send(`id: ${position}\ndata: ${JSON.stringify({ position, ...queue } satisfies Queue)}\n\n`);
          else if (now() - spokeAt >= HEARTBEAT_MS) send(': still here\n\n');
          told = content;
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
        if (desk && !feed.reading && now() >= feed.lookAt) void read(desk, tenant, feed);
        for (const watcher of feed.watchers) watcher.tick();
      }
    },
    closeAll() {
      for (const { watchers } of feeds.values()) for (const watcher of [...watchers]) watcher.close(RECONNECT);
    },
  };
}
