// @ts-check
/** @import { Frame, FollowOptions } from './sse.js' */

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8_000;
/** The gateway says something at least every 15 seconds; after this silence the connection is taken to be dead. */
const SILENCE_MS = 40_000;
/** Answers that trying again does not change. */
const FINAL = new Set([400, 401, 403, 404, 405, 410, 422]);

/**
 * The frames of a `text/event-stream` body. Read by hand, since the browser's EventSource can send no headers.
 *
 * @param {AsyncIterable<Uint8Array>} body
 * @returns {AsyncGenerator<Frame, void, undefined>}
 */
export async function* framesOf(body) {
  const decoder = new TextDecoder();
  let rest = '';
  /** @type {Unfinished} */
  let frame = empty();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be half of a line break.
    const lines = rest.split(/\r\n|\n|\r(?!$)/u);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        add(frame, line);
        continue;
      }
      if (frame.data.length > 0) yield { id: frame.id, event: frame.event, data: frame.data.join('\n') };
      frame = empty();
    }
  }
}

/** @typedef {{ id: string | undefined, event: string, data: string[] }} Unfinished */

/** @returns {Unfinished} */
const empty = () => ({ id: undefined, event: 'message', data: [] });

/**
 * @param {Unfinished} frame
 * @param {string} line
 */
function add(frame, line) {
  const colon = line.indexOf(':');
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /u, '');
  if (field === 'data') frame.data.push(value);
  else if (field === 'event') frame.event = value;
  else if (field === 'id') frame.id = value;
}

/**
 * Follows a session's events from a position on, for as long as the signal lets it: resumes where it was after any
 * break, and passes each event on once. Resolves when it is aborted or refused for good.
 *
 * @param {FollowOptions} options
 */
export async function follow({ url, headers, after, signal, onEvent, onPartial, onState }) {
  let position = after;
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    onState({ kind: 'connecting' });
    let retryAfter = 0;
    try {
      const silence = watch(signal);
      const response = await fetch(url, {
        headers: { ...headers(), accept: 'text/event-stream', 'last-event-id': String(position) },
        cache: 'no-store',
        signal: silence.signal,
      });
      if (FINAL.has(response.status)) {
        onState({ kind: 'refused', status: response.status });
        return;
      }
      if (!response.ok || !response.body) {
        retryAfter = Number(response.headers.get('retry-after') ?? 0) * 1_000;
        await response.body?.cancel();
      } else {
        onState({ kind: 'live' });
        wait = FIRST_WAIT_MS;
        for await (const frame of framesOf(silence.over(response.body))) {
          const event = JSON.parse(frame.data);
          if (frame.event === 'partial') {
            onPartial?.(event);
            continue;
          }
          if (event.position <= position) continue;
          position = event.position;
          onEvent(event);
        }
      }
    } catch {
      // Whatever broke, the way on is the same: begin again after the last position.
    }
    if (signal.aborted) return;
    const pause = Math.max(retryAfter, wait * (0.75 + Math.random() / 2));
    onState({ kind: 'waiting', ms: pause });
    await sleep(pause, signal);
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}

/**
 * Ends a request when nothing has come for a while: a connection that is dead says nothing about it.
 *
 * @param {AbortSignal} outer
 */
function watch(outer) {
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      controller.abort();
    }, SILENCE_MS);
  };
  heard();
  return {
    signal: AbortSignal.any([outer, controller.signal]),
    /** @param {ReadableStream<Uint8Array>} body */
    async *over(body) {
      const reader = body.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          heard();
          yield value;
        }
      } finally {
        clearTimeout(timer);
        reader.releaseLock();
      }
    },
  };
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function sleep(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      globalThis.removeEventListener?.('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    // A browser that is back in the network need not wait any longer.
    globalThis.addEventListener?.('online', done);
  });
}
