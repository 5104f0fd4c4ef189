import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import type { Quota } from './limits.ts';
import type { Shown } from './public-event.ts';

/** What a stream is of, and from where on. */
export interface StreamOf {
  readonly ref: SessionRef;
  readonly after: number;
  readonly show: Shown;
  readonly quota: Quota;
  /** What is told beside the events, as it happens: it has no place in the stream and does not come again. */
  readonly aside?: ((tell: (name: string, data: string) => void) => { readonly stop: () => void }) | undefined;
  /** Ends the connection at once, whatever is still on its way. */
  readonly cut?: (() => void) | undefined;
}

/** The event streams that are open here. */
export interface Streams {
  open(of: StreamOf): ReadableStream<Uint8Array>;
  /** Looks after what is due. */
  tick(): void;
  /** Asks every client to come back, to whichever process is there then. */
  closeAll(): void;
  readonly size: number;
}

/** What a reader may be behind before it is cut off; it may resume where it was. */
const BEHIND_BYTES = 256 * 1024;
const HEARTBEAT_MS = 15_000;
/** A stream looks by itself soon after something happened, and later when all is quiet. */
const LAST_LOOK_MS = 15_000;
const QUIET_SHARE = 4;
const LOOKS_AT_A_TIME = 16;
const RECONNECT = 'retry: 1000\n\n';

const utf8 = new TextEncoder();

interface OpenStream {
  tick(at: number, mayLook: boolean): void;
  close(farewell?: string): void;
}

/** Server-sent events of sessions: without a gap, without a repeat, from whichever position a client comes back with. */
export function streamsOf(log: Log, lookMs: number, now: () => number): Streams {
  const streams = new Set<OpenStream>();
  let looks = 0;

  return {
    open({ ref, after, show, quota, aside, cut }) {
      /** The newest event that was passed on or passed over. */
      let last = after;
      let reading = false;
      /** A bell rang for this position while another read was under way. */
      let wanted = 0;
      let quietSince = now();
      let lookAt = 0;
      let spokeAt = now();
      let closed = false;
      let out: ReadableStreamDefaultController<Uint8Array>;

      const send = (text: string) => {
        if (closed) return;
        spokeAt = now();
        out.enqueue(utf8.encode(text));
        // Cut off instead of kept in memory: the client resumes at the last event that it has read.
        if ((out.desiredSize ?? 0) > 0) return;
        stream.close();
        cut?.();
      };
      const pass = (stored: Stored) => {
        last = stored.position;
        quietSince = now();
        const shown = show(stored);
        if (shown !== undefined) send(`id: ${stored.position}\ndata: ${shown}\n\n`);
      };
      const read = async (through: number, known: readonly Stored[] = []): Promise<void> => {
        if (reading) {
          wanted = Math.max(wanted, through);
          return;
        }
        reading = true;
        looks++;
        try {
          for (const stored of await readSession(log, ref, { after: last, through, known })) pass(stored);
        } catch {
          // The log is away: the next look may find it.
        } finally {
          reading = false;
          looks--;
          schedule();
        }
        const missed = wanted;
        wanted = 0;
        if (missed > last && !closed) await read(missed);
      };
      const schedule = () => {
        const at = now();
        lookAt = at + Math.min(LAST_LOOK_MS, Math.max(lookMs, (at - quietSince) / QUIET_SHARE));
      };
      const ring = (stored: Stored) => {
        if (closed || stored.position <= last) return;
        if (!reading && stored.previous === last) pass(stored);
        else void read(stored.position, [stored]);
      };
      const leave = () => {
        closed = true;
        following.stop();
        beside?.stop();
        streams.delete(stream);
        quota.openStreams--;
      };
      const stream: OpenStream = {
        tick(at, mayLook) {
          if (at - spokeAt >= HEARTBEAT_MS) send(': still here\n\n');
          if (!reading && mayLook && at >= lookAt) void read(0);
        },
        close(farewell) {
          if (closed) return;
          if (farewell !== undefined) out.enqueue(utf8.encode(farewell));
          leave();
          out.close();
        },
      };

      quota.openStreams++;
      streams.add(stream);
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            out = controller;
          },
          cancel() {
            if (!closed) leave();
          },
        },
        { highWaterMark: BEHIND_BYTES, size: (chunk) => chunk.byteLength },
      );
      const following = log.follow(ref, ring);
      const beside = aside?.((name, data) => {
        send(`event: ${name}\ndata: ${data}\n\n`);
      });
      send(': open\n\n');
      void read(0);
      return body;
    },
    tick() {
      const at = now();
      for (const stream of streams) stream.tick(at, looks < LOOKS_AT_A_TIME);
    },
    closeAll() {
      for (const stream of streams) stream.close(RECONNECT);
    },
    get size() {
      return streams.size;
    },
  };
}
