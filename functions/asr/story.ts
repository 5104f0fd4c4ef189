import { speechNotTranscribed, speechStarted, speechTranscribed } from '../../events/call.ts';
import type { DataOf, Draft } from '../../events/define.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { sessionOpened, sessionResumed } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tail } from '../../shared/log/append.ts';
import type { Log, Stored } from '../../shared/log/log.ts';
import { place } from '../../shared/runtime/place.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import { seal } from '../../shared/runtime/seal.ts';
import type { CallRef } from '../../shared/speech/chunk.ts';
import type { Effect } from '../../shared/speech/listening.ts';

/** The name under which this function writes. */
export const EMITTER = 'asr';

/** What writing down needs. */
export interface Writing {
  readonly log: Log;
  readonly tail: Tail;
  readonly now: () => Date;
}

/** What the log tells of what was said in a call, and how it goes on. */
export interface Story {
  /** Utterances of which the log told when this process came to the call. */
  readonly begun: number;
  /**
   * Writes down what happened: once, however often it is told, and by however many processes. Fails with
   * `log.unavailable` (later) and `session.gone` (never).
   */
  tell(effect: Exclude<Effect, { kind: 'partial' }>): Promise<void>;
}

/**
 * Ids derive from the call and the number of the utterance. For a minute the store itself knows them; what is older is
 * looked up here, once for each call that comes to this process.
 */
export async function storyOf({ log, tail, now }: Writing, ref: CallRef): Promise<Story> {
  const { tenant, session, call } = ref;
  const latest = await log.latest(ref);
  const newest = (type: string) => latest.findLast(({ envelope }) => envelope.type === type);
  const ofCall = (type: string): Stored | undefined => {
    const stored = newest(type);
    return stored && (stored.envelope.data as { call?: unknown }).call === call ? stored : undefined;
  };
  const told = [speechTranscribed.type, speechNotTranscribed.type].flatMap((type) => ofCall(type) ?? []);
  const started = numberOf(ofCall(speechStarted.type));
  const over = Math.max(0, ...told.map(numberOf));
  const said = newest(utteranceReceived.type)?.envelope.causation;
  const speaker = speakerOf(latest);

  const write = (draft: Draft, index: number): Promise<Stored | undefined> => {
    const cause = { id: call, tenant, session };
    return place({ log, tail }, seal(draft, { cause, emitter: EMITTER, index, now: now() }), 0);
  };
  /** What was said opens a turn. */
  const answer = async (of: Stored, locale: string): Promise<void> => {
    const { text } = of.envelope.data as { readonly text?: string };
    if (text === undefined || text.trim() === '' || said === of.envelope.id) return;
    if (!speaker) throw gone();
    const draft = utteranceReceived({ text, locale, ...speaker });
    const sealed = seal(draft, {
      cause: { id: of.envelope.id, tenant, session },
      emitter: EMITTER,
      index: 0,
      now: now(),
    });
    const opening: Envelope = { ...sealed, turn: sealed.id };
    if (!(await place({ log, tail }, opening, of.position))) throw gone();
  };

  return {
    begun: Math.max(started, over),
    async tell(effect) {
      const { utterance } = effect;
      if (effect.kind === 'started') {
        if (utterance <= started) return;
        const draft = speechStarted({ call, utterance, fromMs: effect.fromMs });
        if (!(await write(draft, utterance * 2))) throw gone();
        return;
      }
      // Both endings have the same id: there is one.
      const known = utterance > over ? await write(endingOf(call, effect), utterance * 2 + 1) : undefined;
      const stored = known ?? told.find((ending) => numberOf(ending) === utterance);
      if (stored) await answer(stored, effect.locale);
      else if (utterance > over) throw gone();
    },
  };
}

function endingOf(call: EventId, effect: Exclude<Effect, { kind: 'partial' | 'started' }>): Draft {
  const { utterance, fromMs, toMs } = effect;
  if (effect.kind === 'not-transcribed') {
    return speechNotTranscribed({ call, utterance, fromMs, toMs, reason: effect.reason });
  }
  const { end, made } = effect;
  const { text, model, confidence } = made;
  return speechTranscribed({ call, utterance, text, fromMs, toMs, end, model, confidence });
}

const numberOf = (stored: Stored | undefined): number =>
  (stored?.envelope.data as { readonly utterance?: number } | undefined)?.utterance ?? 0;

type Speaker = Pick<DataOf<typeof utteranceReceived>, 'channel' | 'bot' | 'timezone'>;

/** As whom the session's customer speaks. */
function speakerOf(latest: readonly Stored[]): Speaker | undefined {
  const newest = (types: readonly string[]) => latest.findLast(({ envelope }) => types.includes(envelope.type));
  const opening = newest([sessionOpened.type, sessionResumed.type]);
  const opened = newest([sessionOpened.type]);
  if (!opening) return undefined;
  const { channel, bot } = readEvent(opening).data as Speaker;
  const timezone = opened && (readEvent(opened).data as Speaker).timezone;
  return { channel, bot, ...(timezone !== undefined && { timezone }) };
}

const gone = (): PlatformError =>
  new PlatformError('session.gone', 'the session of the call has left the log', { retry: 'never' });
