import { setTimeout as delay } from 'node:timers/promises';
import type { Draft } from '../../events/define.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tail } from '../../shared/log/append.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { derivedId } from '../../shared/runtime/ids.ts';

/** The name under which a call's events are written. */
export const EMITTER = 'voice';

const AGAIN_MS = 250;
/** A log that is away for longer than this loses what a call had to say. */
const PATIENCE_MS = 60_000;

/** What an event belongs to. */
export interface Of {
  readonly id: EventId;
  readonly causation?: EventId;
  readonly turn?: EventId;
}

/** Writes the events of one call, one after the other, in the order in which they happened. */
export interface Journal {
  /** Resolves to the position, once it stands in the log; undefined where the session cannot take it any more. */
  write(draft: Draft, of: Of): Promise<number | undefined>;
  /** When everything that was to be written has been. */
  idle(): Promise<void>;
}

/** `onGone`: the session was erased or has left the log, so the call has nothing to stand in. */
export function journal(
  at: { readonly tail: Tail; readonly now: () => Date },
  ref: SessionRef,
  onGone: () => void,
): Journal {
  let last: Promise<unknown> = Promise.resolve();

  const append = async (event: Envelope): Promise<number | undefined> => {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const placed = await at.tail.append(event);
        return placed.kind === 'appended' ? placed.stored.position : placed.position;
      } catch (error) {
        const later = error instanceof PlatformError && error.retry !== 'never' && performance.now() < until;
        if (!later) {
          onGone();
          return undefined;
        }
        await delay(AGAIN_MS);
      }
    }
  };
  return {
    write({ type, revision, data }, { id, causation, turn }) {
      const event: Envelope = {
        id,
        type,
        revision,
        tenant: ref.tenant,
        session: ref.session,
        ...(turn !== undefined && { turn }),
        time: at.now().toISOString(),
        ...(causation !== undefined && { causation }),
        emitter: EMITTER,
        data,
      };
      const mine = last.then(() => append(event));
      last = mine;
      return mine;
    },
    async idle() {
      await last;
    },
  };
}

/** The id of an event that a call makes at most once. */
export const idOf = (call: EventId, what: string): EventId => derivedId(call, `${EMITTER}-${what}`, 0);
