import {
  callEnded,
  callGreeted,
  callStarted,
  digitsEntered,
  playbackCompleted,
  playbackInterrupted,
  playbackResumed,
  speechNotTranscribed,
  speechStarted,
  speechTranscribed,
} from './call.ts';
import { policyDecided } from './decision.ts';
import type { AnyEventDefinition } from './define.ts';
import { agentReplied, ticketWritten } from './desk.ts';
import type { Recorded } from './envelope.ts';
import {
  actionCompleted,
  actionFailed,
  answerFailed,
  answerGenerated,
  flowSuggested,
  passagesFound,
} from './outside.ts';
import {
  controlRequested,
  customerReminded,
  sessionArchived,
  sessionClosed,
  sessionOpened,
  sessionResumed,
  timerFired,
} from './session.ts';
import {
  replyDelivered,
  replyDeliveryFailed,
  turnDeadLettered,
  turnHandedOff,
  turnReplied,
  turnSuperseded,
} from './turn.ts';
import {
  entitiesExtracted,
  intentClassified,
  intentNotRecognised,
  stepFailed,
  utteranceReceived,
} from './understanding.ts';

/** Everything that can happen. A type that is not here is not readable. */
export const catalogue = [
  sessionOpened,
  sessionResumed,
  sessionClosed,
  sessionArchived,
  controlRequested,
  timerFired,
  customerReminded,
  utteranceReceived,
  intentClassified,
  intentNotRecognised,
  entitiesExtracted,
  stepFailed,
  policyDecided,
  actionCompleted,
  actionFailed,
  passagesFound,
  answerGenerated,
  flowSuggested,
  answerFailed,
  agentReplied,
  ticketWritten,
  turnReplied,
  turnHandedOff,
  turnSuperseded,
  turnDeadLettered,
  replyDelivered,
  replyDeliveryFailed,
  callStarted,
  callGreeted,
  callEnded,
  speechStarted,
  speechTranscribed,
  speechNotTranscribed,
  digitsEntered,
  playbackCompleted,
  playbackInterrupted,
  playbackResumed,
] as const;

/** Any event of a conversation, as read back from the log. */
export type ConversationEvent = Recorded<(typeof catalogue)[number]>;

/** The endings of a turn: at most one of them stands in the log for each turn. */
export const endings = [turnReplied, turnHandedOff, turnSuperseded, turnDeadLettered] as const;

export const definitionOf: ReadonlyMap<string, AnyEventDefinition> = new Map<string, AnyEventDefinition>(
  catalogue.map((d) => [d.type, d]),
);
