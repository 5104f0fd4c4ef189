import { breakers } from '../../egress/breaker.ts';
import { PlatformError } from '../../errors/index.ts';
import type { Engine } from '../engine.ts';
import { enginesOf } from '../engines.ts';
import { openHere, type EngineKind } from '../open.ts';
import { openVad } from '../vad.ts';
import { decodeFile } from './decode.ts';
import { transcribe } from './transcribe.ts';
import type { Job, Outcome, Setting } from './transcriber.ts';

// Started by transcriber.ts as a process of its own, which may crash or be killed: it unpacks what strangers send, and
// runs models of others.

async function opened(setting: Setting) {
  const engines: Engine[] = [];
  let why: unknown;
  for (const { kind, where } of setting.engines) {
    await openHere(kind as EngineKind, where, { key: setting.key }).then(
      (engine) => engines.push(engine),
      (error: unknown) => (why = error),
    );
  }
  if (engines.length === 0) throw why;
  return { vad: await openVad(), engines: enginesOf(() => engines, breakers()) };
}

/** With the first recording, so that what is wrong is told to whoever asks. */
let listeners: ReturnType<typeof opened> | undefined;

async function done(setting: Setting, { bytes, locale, longestMs }: Job): Promise<Outcome> {
  const decoded = await decodeFile(bytes, longestMs);
  if (!decoded.ok) return { refused: decoded.why };
  listeners ??= opened(setting);
  return { transcript: await transcribe(decoded.recording, locale, await listeners), format: decoded.format };
}

function failure(error: unknown): Outcome {
  listeners = undefined;
  // A foreign error may quote what was said.
  if (!(error instanceof PlatformError)) return { code: 'asr.failed', message: 'the recording could not be heard' };
  return { code: error.code, message: error.message };
}

const setting = JSON.parse(process.argv[2] ?? '{}') as Setting;
process.on('disconnect', () => process.exit(0));
process.on('message', (job: Job) => {
  done(setting, job)
    .catch(failure)
    .then((outcome) => process.send?.(outcome))
    .catch(() => process.exit(1));
});
