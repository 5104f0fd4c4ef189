import type { EventId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { owns } from '../../shared/incoming/names.ts';
import type { Sessions } from '../../shared/incoming/sessions.ts';
import type { Stored } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef, StoredChunk } from '../../shared/speech/chunk.ts';
import type { Admitted } from './admission.ts';
import type { Joined } from './joining.ts';
import { sampleBytes, type LineEvent } from './lines/line.ts';
import type { Surroundings } from './options.ts';
import type { Recorded } from './recording.ts';
import { inStream } from './stream-name.ts';

/** What happened in a call while another process held it. */
export interface Past {
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly recorded: Recorded;
  /** What was said, heard and decided since it began. */
  readonly events: readonly Stored[];
  /** What was played, or interrupted: it is not said again. */
  readonly said: ReadonlySet<EventId>;
  /** How often keys were entered. */
  readonly keypad: number;
}

const ATTEMPTS = 10;

/**
 * Takes up a call whose client has come back to this process: its own has died, or cannot be reached. An empty chunk
 * after the newest one keeps out whoever still believes to hold the call. Undefined: there is no such call, it is over,
 * or it is none of this caller's. Fails as the log does.
 */
export async function takeUp(
  sessions: Sessions,
  { audio, bots, lease }: Pick<Surroundings, 'audio' | 'bots' | 'lease'>,
  { caller, session: meant }: Admitted,
  { gateway, format, resumes }: Extract<LineEvent, { kind: 'started' }>,
): Promise<(Joined & { readonly past: Past }) | undefined> {
  const named = inStream(resumes?.stream ?? '');
  if (!named || (meant !== undefined && meant !== named.session)) return undefined;
  if (!owns(sessions.options.sessionKey, caller, named.session)) return undefined;
  const ref: CallRef = { tenant: caller.tenant, ...named };
  const view = await sessions.views.find({ tenant: ref.tenant, session: ref.session });
  if (!view) return undefined;

  // Before the fence: whoever is about to end the call as lost finds that it is not, and does not come again.
  await lease(ref);
  const newest = await fenced(audio, ref);
  if (newest?.last) return undefined;
  const all = await readSession(sessions.options.log, ref);
  const from = all.findIndex(({ envelope }) => envelope.id === ref.call);
  const events = all.slice(from).map(readEvent);
  const [begun] = events;
  if (begun?.type !== 'call.started') return undefined;
  const { codec, rate } = begun.data;
  if (begun.data.gateway !== gateway || codec !== format.codec || rate !== format.rate) return undefined;

  const said = new Set<EventId>();
  let keypad = 0;
  for (const event of events) {
    switch (event.type) {
      case 'playback.completed':
      case 'playback.interrupted':
        if (event.data.call === ref.call) said.add(event.data.of);
        break;
      case 'digits.entered':
        if (event.data.call === ref.call) keypad++;
        break;
      case 'call.ended':
        if (event.data.call === ref.call) return undefined;
        break;
      default:
        break;
    }
  }
  const bot = await bots(view.bot.hash);
  return {
    ref,
    position: begun.position,
    bot,
    locale: view.lastLocale ?? view.openedLocale ?? bot.locales[0],
    timezone: view.timezone,
    past: {
      startedAt: Date.parse(begun.time),
      recorded: recordedIn(newest),
      events: all.slice(from + 1),
      said,
      keypad,
    },
  };
}

/** The end of the sound, after which nobody else can write. Undefined: there is no sound yet. */
async function fenced(audio: AudioLog, ref: CallRef): Promise<StoredChunk | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const newest = await audio.newest(ref);
    if (!newest || newest.last) return newest;
    const { number, position: previous } = newest;
    const fence = { ...newest, number: number + 1, fromMs: endOf(newest), sound: new Uint8Array() };
    const kept = await audio.append(ref, fence, previous);
    if (kept.kind === 'kept') return { ...fence, position: kept.position, previous };
  }
  throw new PlatformError('call.contended', 'another process holds the call', { retry: 'later' });
}

const endOf = ({ fromMs, sound, format }: StoredChunk): number => Math.round(fromMs + bytesToMs(sound.length, format));

const bytesToMs = (bytes: number, format: StoredChunk['format']): number =>
  (bytes / sampleBytes(format) / format.rate) * 1_000;

/** How far the sound of a call is kept, by its newest chunk. */
export function recordedIn(newest: StoredChunk | undefined): Recorded {
  if (!newest) return { number: 0, position: 0, bytes: 0, through: { frame: 0, bytes: 0 } };
  const { number, position, fromMs, sound, format, through = { frame: 0, bytes: 0 } } = newest;
  const bytes = Math.round((fromMs * format.rate) / 1_000) * sampleBytes(format) + sound.length;
  return { number, position, bytes, through };
}
