import type { Snapshot } from '../../events/fields.ts';
import { PlatformError } from '../errors/index.ts';
import type { Stored } from '../log/log.ts';
import { readEvent } from '../runtime/read-event.ts';
import { stateHash } from '../runtime/seal.ts';
import { dialogue } from '../session/fold.ts';
import type { DialogueState } from '../session/state.ts';
import { isDecision } from './decisions.ts';
import { found, type Finding } from './finding.ts';

/** I6: states stored in decisions that the events before them do not give. */
export function foldFindings(events: readonly Stored[], complete: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  // What a session became before it left for the archive is only known again once it was resumed.
  let state: DialogueState | undefined = complete ? dialogue.initial : undefined;
  for (const stored of events) {
    try {
      const event = readEvent(stored);
      if (isDecision(stored)) findings.push(...snapshotFindings(stored, state));
      if (event.type === 'session.resumed' && event.data.archived) state ??= dialogue.initial;
      if (state) state = dialogue.evolve(state, event);
    } catch (error) {
      const finding = unreadable(stored, error);
      findings.push(finding);
      // The fold goes over what nobody can ever read; with what a later build can read the state would be another.
      if (finding.severity === 'unchecked' || isDecision(stored)) state = undefined;
    }
  }
  return findings;
}

function snapshotFindings(stored: Stored, state: DialogueState | undefined): readonly Finding[] {
  const { snapshot } = stored.envelope.data as { readonly snapshot: Snapshot };
  if (stateHash(snapshot.state) !== snapshot.hash) {
    return [found(stored, 'I6', 'the stored state does not have the stored hash')];
  }
  if (snapshot.fold !== dialogue.version) {
    const message = `the state was folded by ${snapshot.fold}, this build has ${dialogue.version}`;
    return [found(stored, 'I6', message, 'unchecked')];
  }
  if (!state) return [found(stored, 'I6', 'the events before cannot be folded', 'unchecked')];
  const hash = stateHash(state);
  if (hash === snapshot.hash) return [];
  return [found(stored, 'I6', `the events before give the state hash ${hash}, stored is ${snapshot.hash}`)];
}

function unreadable(stored: Stored, error: unknown): Finding {
  const { code, message } =
    error instanceof PlatformError ? error : { code: 'event.unreadable', message: 'cannot be folded' };
  const newer = code === 'event.newer-revision' || code === 'event.unknown-type';
  return found(stored, 'readable', message, newer ? 'unchecked' : 'violated');
}
