import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Draft } from '../../events/define.ts';
import { PlatformError } from '../errors/index.ts';
import type { AnyReaction, Context } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { failpoint } from './failpoint.ts';
import type { Host } from './host.ts';
import { isEnding, place } from './place.ts';
import { seal } from './seal.ts';

/**
 * Runs a reaction once and stores what it returns. Returns what stands in the log for it.
 *
 * @param known events of the session that the caller has seen: what is among them is not stored a second time.
 */
export async function react(
  fn: AnyReaction,
  event: ConversationEvent,
  host: Host,
  signal: AbortSignal,
  traceparent: string | undefined,
  known: readonly Stored[] = [],
): Promise<readonly Stored[]> {
  const now = host.now();
  failpoint('react.before-handle');
  const drafts = await limited(fn, event, host, now, signal);
  // Its events happened when they were known, so that the log tells how long each step took.
  const finished = host.now();
  failpoint('react.after-handle');
  const stored: Stored[] = [];
  for (const [index, draft] of drafts.entries()) {
    const envelope = seal(draft, { cause: event, emitter: fn.name, index, now: finished }, traceparent);
    failpoint('react.before-append');
    const placed =
      known.find(({ envelope: { id } }) => id === envelope.id) ??
      (await place(host, envelope, isEnding(draft.type) ? event.position : newest(stored, event)));
    failpoint('react.after-append');
    if (placed) stored.push(placed);
  }
  return stored;
}

const newest = (stored: readonly Stored[], event: ConversationEvent) => stored.at(-1)?.position ?? event.position;

/** Runs the handler under its time limit. A handler that answers at once costs no timer and no signal. */
async function limited(
  fn: AnyReaction,
  event: ConversationEvent,
  host: Host,
  now: Date,
  outer: AbortSignal,
): Promise<readonly Draft[]> {
  let controller: AbortController | undefined;
  const context: Context<object> = {
    now,
    ports: host.ports,
    get signal() {
      controller ??= new AbortController();
      return AbortSignal.any([outer, controller.signal]);
    },
  };
  const result = fn.handle(event, context) as readonly Draft[] | Promise<readonly Draft[]>;
  if (!(result instanceof Promise)) return result;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new PlatformError('function.timed-out', `${fn.name} took too long`, { retry: 'later' });
      controller?.abort(error);
      reject(error);
    }, fn.limits.timeoutMs);
  });
  try {
    return await Promise.race([result, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
