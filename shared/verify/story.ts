import type { Act } from '../../events/decision.ts';
import type { DataOf } from '../../events/define.ts';
import type { policyDecided } from '../../events/decision.ts';
import type { Message } from '../../events/fields.ts';
import type { DialogueState, Entity } from '../session/state.ts';
import type { Change } from './diff.ts';
import type { ToldCall } from './tell-call.ts';

type Why = DataOf<typeof policyDecided>['why'];

/** A session told again from its events: its turns and what happened outside of them, in the order of the log. */
export interface Story {
  readonly tenant: string;
  readonly session: string;
  readonly chapters: readonly Chapter[];
}
export type Chapter = ToldTurn | ToldEvent;

/** A turn, from what was said to how it ended. */
export interface ToldTurn {
  readonly kind: 'turn';
  readonly turn: string;
  readonly position: number;
  readonly time: string;
  readonly said: { readonly text: string; readonly locale: string; readonly payload?: string };
  readonly recognised: Recognised;
  readonly entities: readonly Entity[];
  readonly failed: readonly { readonly step: string; readonly reason: string; readonly position: number }[];
  readonly decisions: readonly ToldDecision[];
  readonly ending: Ending | undefined;
  /** Every event of the turn and how long it took. */
  readonly steps: readonly Step[];
}

/** Something that happened outside of turns: an opening, a command, a timer, what was decided about it. */
export interface ToldEvent {
  readonly kind: 'event';
  readonly position: number;
  readonly time: string;
  readonly type: string;
  readonly emitter: string;
  readonly decision?: ToldDecision;
  readonly messages?: readonly Message[];
  /** Who wrote them, where that was a person. */
  readonly agent?: string;
  readonly call?: ToldCall;
}

export type Recognised =
  | {
      readonly kind: 'classified';
      readonly intent: string;
      readonly confidence: number;
      readonly model: string;
      readonly others: readonly Ranked[];
    }
  | { readonly kind: 'not-recognised'; readonly model: string; readonly best: readonly Ranked[] }
  | { readonly kind: 'nothing' };
export interface Ranked {
  readonly intent: string;
  readonly confidence: number;
}

export interface ToldDecision {
  readonly position: number;
  readonly basis: number;
  readonly step: number;
  readonly act: Act;
  readonly why: Why;
  readonly before: DialogueState;
  readonly after: DialogueState;
  readonly changes: readonly Change[];
  /** The stored hash, and the one of the events folded anew; absent where these events are no longer in the log. */
  readonly hash: { readonly stored: string; readonly folded?: string };
  /** What the policy of this build decides on the same basis. */
  readonly again: Again;
}

export type Again =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly differences: readonly Change[] }
  | { readonly kind: 'unknown'; readonly reason: string };

export type Ending =
  | {
      readonly type: 'turn.replied' | 'turn.handed-off';
      readonly position: number;
      readonly messages: readonly Message[];
      readonly reason?: string;
    }
  | { readonly type: 'turn.superseded'; readonly position: number; readonly by: string }
  | { readonly type: 'turn.dead-lettered'; readonly position: number; readonly reason: string; readonly step?: string };

export interface Step {
  readonly position: number;
  readonly type: string;
  readonly emitter: string;
  /** Milliseconds since the event that it waited for, by the clocks of those who wrote them. */
  readonly afterMs: number | undefined;
}

/** Whether everything in the story came out as it is stored; `unknown` is no contradiction. */
export const contradictions = (story: Story): readonly ToldDecision[] =>
  story.chapters
    .flatMap((chapter) => (chapter.kind === 'turn' ? chapter.decisions : (chapter.decision ?? [])))
    .filter(
      ({ hash, again }) => again.kind === 'differs' || (hash.folded !== undefined && hash.folded !== hash.stored),
    );
