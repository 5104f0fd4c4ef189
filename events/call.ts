import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { EventId } from './envelope.ts';
import { count, locale, message, name, personalText, personalValue, score } from './fields.ts';

// What happens in a call. The sound itself stands in a stream of its own and is gone after minutes; times count
// milliseconds of sound since the call began, so they are the same whoever looks.

/** A call, and its audio. */
const call = EventId;
/** The utterances of a call count from 1. */
const utterance = v.pipe(count, v.minValue(1));

/** A gateway connected somebody by telephone or browser. */
export const callStarted = defineEvent({
  type: 'call.started',
  revision: 1,
  schema: v.strictObject({
    call,
    /** The protocol that the gateway speaks. */
    gateway: name,
    codec: v.picklist(['mulaw', 'alaw', 'l16']),
    /** Samples a second. */
    rate: count,
  }),
});

/** The bot speaks first. What became of it is told as of every reply. */
export const callGreeted = defineEvent({
  type: 'call.greeted',
  revision: 1,
  schema: v.strictObject({ call, response: name, messages: v.array(message), locale }),
});

/** Nobody is on the line any more, and why. */
export const callEnded = defineEvent({
  type: 'call.ended',
  revision: 1,
  schema: v.strictObject({
    call,
    reason: v.picklist([
      'hung-up',
      'lost',
      'transferred',
      'closed',
      'refused',
      'too-long',
      'too-much',
      'malformed',
      'too-slow',
    ]),
    ms: count,
  }),
});

/** The caller began to speak; what was being played is interrupted. */
export const speechStarted = defineEvent({
  type: 'speech.started',
  revision: 1,
  schema: v.strictObject({ call, utterance, fromMs: count }),
});

/** Why an utterance was taken to be over. */
export const SPEECH_ENDS = ['silence', 'no-words', 'too-long', 'hung-up'] as const;

/**
 * What the caller said, once for each utterance, in order. `text` is empty where there were no words; otherwise an
 * `utterance.received` follows that this event is the cause of.
 */
export const speechTranscribed = defineEvent({
  type: 'speech.transcribed',
  revision: 1,
  schema: v.strictObject({
    call,
    utterance,
    text: personalText,
    fromMs: count,
    toMs: count,
    end: v.picklist(SPEECH_ENDS),
    /** The engine and its model. */
    model: name,
    confidence: score,
  }),
});

/** An utterance that no engine could make out. Stands in place of `speech.transcribed`. */
export const speechNotTranscribed = defineEvent({
  type: 'speech.not-transcribed',
  revision: 1,
  schema: v.strictObject({
    call,
    utterance,
    fromMs: count,
    toMs: count,
    reason: v.picklist(['timed-out', 'failed', 'audio-missing']),
  }),
});

/** The caller pressed keys. They are taken as an utterance that this event is the cause of. */
export const digitsEntered = defineEvent({
  type: 'digits.entered',
  revision: 1,
  schema: v.strictObject({ call, digits: personalValue, end: v.picklist(['hash', 'pause', 'enough', 'hung-up']) }),
});

const playback = v.strictObject({
  call,
  /** The event whose words were played. */
  of: EventId,
  /** How much of it left the gateway, and how long all of it is. */
  heardMs: count,
  ofMs: count,
});

/** All of it was played. */
export const playbackCompleted = defineEvent({ type: 'playback.completed', revision: 1, schema: playback });

/** The caller spoke over it, or it could not be made or played; `heard` is what had been said by then. */
export const playbackInterrupted = defineEvent({
  type: 'playback.interrupted',
  revision: 1,
  schema: v.strictObject({
    ...playback.entries,
    heard: personalText,
    reason: v.picklist(['spoken-over', 'digits', 'replaced', 'hung-up', 'no-speech', 'failed']),
  }),
});

/** The interruption was none (a cough, a nod); it goes on from where it was. */
export const playbackResumed = defineEvent({ type: 'playback.resumed', revision: 1, schema: playback });
