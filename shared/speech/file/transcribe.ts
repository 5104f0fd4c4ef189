import type { EventId, SessionId, TenantId } from '../../../events/envelope.ts';
import { PATIENCE, type CallRef, type StoredChunk } from '../chunk.ts';
import { fromLinear } from '../codecs.ts';
import type { SpeechEnd } from '../endpoint.ts';
import type { HeardWord } from '../engine.ts';
import type { Engines } from '../engines.ts';
import { BEFORE_ONSET_MS, listening, type Effect, type Listeners } from '../listening.ts';
import type { Recording } from '../wav.ts';

/** Something that was said in a recording. Times count milliseconds of it. */
export interface FileUtterance {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly confidence: number;
  /** The engine and model that made it out. */
  readonly engine: string;
  /** Where the engine tells them. */
  readonly words?: readonly HeardWord[];
}

/** What is said in a recording. */
export interface FileTranscript {
  readonly text: string;
  readonly language: string;
  readonly durationMs: number;
  readonly utterances: readonly FileUtterance[];
  /** Stretches in which somebody spoke and that no engine could make out. */
  readonly notTranscribed: readonly { readonly fromMs: number; readonly toMs: number; readonly reason: string }[];
}

const CHUNK_MS = 200;
/** How long was waited after the last sound of an utterance. */
const SILENCE_MS: Readonly<Record<SpeechEnd, number>> = {
  silence: PATIENCE.afterWordsMs,
  'no-words': PATIENCE.withoutWordsMs,
  'too-long': 0,
  'hung-up': 0,
};

/** Listens to a recording as to a call: the same detector, the same ends of utterances, the same chain of engines. */
export async function transcribe(
  { rate, samples }: Recording,
  locale: string,
  { vad, engines }: Pick<Listeners, 'vad'> & { readonly engines: Engines },
): Promise<FileTranscript> {
  const chunks = chunksOf({ rate, samples }, locale);
  const audio = {
    between: (_: CallRef, after: number, through: number) => Promise.resolve(chunks.slice(after, through)),
  };
  const it = listening(NOBODY, { vad, engines, audio }, undefined);
  const utterances: FileUtterance[] = [];
  const notTranscribed: { fromMs: number; toMs: number; reason: string }[] = [];
  /** Up to where sound belongs to utterances that are over. */
  let takenMs = 0;
  const take = (effect: Effect) => {
    switch (effect.kind) {
      case 'started':
      case 'partial':
        return;
      case 'transcribed': {
        const { fromMs, toMs, made } = effect;
        const { text, confidence, model: engine } = made;
        const heardFromMs = Math.max(takenMs, fromMs - BEFORE_ONSET_MS);
        const words = made.words?.map((word) => ({
          text: word.text,
          fromMs: heardFromMs + word.fromMs,
          toMs: heardFromMs + word.toMs,
        }));
        if (text !== '') utterances.push({ text, fromMs, toMs, confidence, engine, ...(words && { words }) });
        takenMs = toMs + SILENCE_MS[effect.end];
        return;
      }
      case 'not-transcribed':
        notTranscribed.push({ fromMs: effect.fromMs, toMs: effect.toMs, reason: effect.reason });
        takenMs = effect.toMs;
    }
  };
  try {
    for (const chunk of chunks) for await (const effect of it.hear(chunk)) take(effect);
  } finally {
    it.close();
  }
  const language = locale.split('-', 1)[0]?.toLowerCase() ?? locale;
  return {
    text: utterances.map(({ text }) => text).join(' '),
    language,
    durationMs: Math.round((samples.length * 1_000) / rate),
    utterances,
    notTranscribed,
  };
}

/** A recording belongs to no session. */
const NOBODY: CallRef = { tenant: 'file' as TenantId, session: 'file' as SessionId, call: 'file' as EventId };

function chunksOf({ rate, samples }: Recording, locale: string): readonly StoredChunk[] {
  const size = (rate / 1_000) * CHUNK_MS;
  const count = Math.ceil(samples.length / size);
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    position: i + 1,
    previous: i,
    fromMs: i * CHUNK_MS,
    format: { codec: 'l16', rate },
    sound: fromLinear(samples.slice(i * size, (i + 1) * size), 'l16'),
    patience: PATIENCE,
    locale,
    playing: false,
    last: i === count - 1,
  }));
}
