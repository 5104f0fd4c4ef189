import { audioSubject, hearingSubject, type StoredChunk } from './chunk.ts';
import { isSame, type AudioLog } from './audio-log.ts';
import type { Hearing, HearingStore } from './hearing-store.ts';

/** The sound of calls in memory; `audio-log.contract.ts` holds it to what the stream does. For tests. */
export function memoryAudioLog(): AudioLog & { readonly all: readonly StoredChunk[] } {
  const all: StoredChunk[] = [];
  const calls = new Map<string, StoredChunk[]>();
  const of = (subject: string) => calls.get(subject) ?? [];
  return {
    all,
    append(ref, chunk, previous) {
      const chunks = of(audioSubject(ref));
      const last = chunks.at(-1);
      if (last && last.previous === previous && isSame(last, chunk)) {
        return Promise.resolve({ kind: 'kept', position: last.position });
      }
      if ((last?.position ?? 0) !== previous) return Promise.resolve({ kind: 'refused', last: last?.position ?? 0 });
      const stored = { ...chunk, position: all.length + 1, previous };
      all.push(stored);
      calls.set(audioSubject(ref), [...chunks, stored]);
      return Promise.resolve({ kind: 'kept', position: stored.position });
    },
    at: (ref, position) => Promise.resolve(of(audioSubject(ref)).find((c) => c.position === position)),
    newest: (ref) => Promise.resolve(of(audioSubject(ref)).at(-1)),
    between: (ref, after, through) =>
      Promise.resolve(of(audioSubject(ref)).filter(({ position }) => position > after && position <= through)),
  };
}

/** The states of hearing in memory, held to the same contract as those on a stream. For tests. */
export function memoryHearing(): HearingStore {
  const states = new Map<string, Hearing>();
  let positions = 0;
  const read: HearingStore['read'] = (ref) => Promise.resolve(states.get(hearingSubject(ref)));
  return {
    read,
    glance: read,
    write(ref, state, expected) {
      const subject = hearingSubject(ref);
      if ((states.get(subject)?.position ?? 0) !== expected) return Promise.resolve(undefined);
      states.set(subject, { state: Uint8Array.from(state), position: ++positions });
      return Promise.resolve(positions);
    },
  };
}
