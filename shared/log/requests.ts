import { createInbox, InvalidArgumentError, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import type { PlatformError } from '../errors/index.ts';
import { refusal, tooLarge, unavailable } from './refusal.ts';

/** Requests over one subscription for the life of a connection. */
export interface Requests {
  /** One answer. */
  one(subject: string, body: Uint8Array, headers?: MsgHdrs): Promise<Msg>;
  /** Answers up to the status message that ends a batch; empty where nothing matches. */
  many(subject: string, body: Uint8Array): Promise<readonly Msg[]>;
}

/**
 * `js.publish` and the client's batched gets build a subscription or a header object per call; this costs a sixth of
 * the CPU (bench/hop) and fails what is under way as soon as the connection is lost, instead of after a time-out.
 * The outcome of a request that failed is unknown: repeat it with the same message id.
 */
export function requests(nc: NatsConnection, timeoutMs = 5_000): Requests {
  const inbox = createInbox(inboxPrefix(nc));
  const waiting = new Map<
    string,
    { readonly answer: (m: Msg) => void; readonly fail: (error: PlatformError) => void }
  >();
  let serial = 0;
  let connected = true;

  nc.subscribe(`${inbox}.*`, {
    callback: (_error, m) => waiting.get(m.subject)?.answer(m),
  });
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' || type === 'close') {
        connected = false;
        for (const { fail } of [...waiting.values()]) fail(unavailable('the connection to the log was lost'));
      }
      if (type === 'reconnect') connected = true;
    }
  })();

  // Everything that one turn of the event loop sends leaves in one write: the client itself flushes at each microtask.
  let outgoing: (() => void)[] = [];
  const post = (send: () => void) => {
    if (outgoing.push(send) > 1) return;
    setImmediate(() => {
      const all = outgoing;
      outgoing = [];
      for (const each of all) each();
    });
  };

  const call = <T>(
    subject: string,
    body: Uint8Array,
    headers: MsgHdrs | undefined,
    receive: (m: Msg, done: (value: T) => void, fail: (error: PlatformError) => void) => void,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!connected) {
        reject(unavailable('not connected to the log'));
        return;
      }
      const reply = `${inbox}.${(serial++).toString(36)}`;
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(reply);
      };
      const done = (value: T) => {
        settle();
        resolve(value);
      };
      const fail = (error: PlatformError) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        fail(unavailable('the log did not answer in time'));
      }, timeoutMs);
      waiting.set(reply, {
        answer: (m) => {
          if (m.data.length === 0 && m.headers?.code === 503) fail(unavailable('nobody answers for the log'));
          else receive(m, done, fail);
        },
        fail,
      });
      post(() => {
        // Has failed already: the client would keep it, and send it after the caller was told.
        if (!waiting.has(reply)) return;
        try {
          nc.publish(subject, body, headers ? { reply, headers } : { reply });
        } catch (cause) {
          const large = cause instanceof InvalidArgumentError;
          fail(large ? tooLarge(cause) : unavailable('not connected to the log', cause));
        }
      });
    });

  return {
    one: (subject, body, headers) =>
      call<Msg>(subject, body, headers, (m, done) => {
        done(m);
      }),
    many(subject, body) {
      const messages: Msg[] = [];
      return call<readonly Msg[]>(subject, body, undefined, (m, done, fail) => {
        const code = m.headers?.code ?? 0;
        if (code === 0) messages.push(m);
        else if (code === 204 || code === 404) done(messages);
        else fail(refusal('a read', { code }));
      });
    },
  };
}

const inboxPrefix = (nc: NatsConnection): string | undefined =>
  (nc as { options?: { inboxPrefix?: string } }).options?.inboxPrefix;
