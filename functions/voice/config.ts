import * as v from 'valibot';
import { ObjectsConfig } from '../../shared/archive/config.ts';
import { GatewayConfig } from '../../shared/config/config.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { commandVoice } from '../../shared/speech/tts/command.ts';
import { remembering } from '../../shared/speech/tts/remembering.ts';
import { sherpaVoice } from '../../shared/speech/tts/sherpa.ts';
import { remoteVoice } from '../../shared/speech/tts/remote.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';

const { TURNSTREAM_OPEN_DEMO: _demo, ...gateway } = GatewayConfig.entries;

/** How speech is made: by one of these, or not at all. */
export const VoicesConfig = v.object({
  /** Where OpenAI's speech API begins, for example `http://tts:8000/v1`. */
  TURNSTREAM_TTS_URL: v.exactOptional(v.pipe(v.string(), v.url())),
  TURNSTREAM_TTS_KEY: v.exactOptional(v.string()),
  TURNSTREAM_TTS_MODEL: v.optional(v.string(), 'tts-1'),
  TURNSTREAM_TTS_VOICE: v.optional(v.string(), 'alloy'),
  /** A folder with a voice of sherpa-onnx. */
  TURNSTREAM_TTS_SHERPA: v.exactOptional(v.string()),
  /** A program that makes a WAV of text, for example `espeak-ng -v {language} --stdin --stdout`. */
  TURNSTREAM_TTS_COMMAND: v.exactOptional(v.string()),
});

/** What the process that holds calls takes from its environment. */
export const VoiceConfig = v.object({
  ...gateway,
  ...ObjectsConfig.entries,
  ...VoicesConfig.entries,
  /** A call whose process says nothing for so long is over. It says so three times as often. */
  TURNSTREAM_CALL_LEASE_MS: v.optional(
    v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1_000), v.maxValue(600_000)),
    '30000',
  ),
  /** Where Asterisk's AudioSocket connects; absent: nowhere. */
  TURNSTREAM_AUDIOSOCKET_PORT: v.exactOptional(
    v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  ),
});

/** The voice of a deployment; undefined: calls are listened to and not spoken to. Fails with `config.invalid` and `model.invalid`. */
export function voiceOf(config: v.InferOutput<typeof VoicesConfig>): Voice | undefined {
  const { TURNSTREAM_TTS_URL: url, TURNSTREAM_TTS_SHERPA: folder, TURNSTREAM_TTS_COMMAND: line } = config;
  if (url !== undefined) {
    const { TURNSTREAM_TTS_KEY: key, TURNSTREAM_TTS_MODEL: model, TURNSTREAM_TTS_VOICE: voice } = config;
    return remembering(remoteVoice({ url, key, model, voice }));
  }
  if (folder !== undefined) return remembering(sherpaVoice(folder));
  if (line === undefined) return undefined;
  const [program, ...parameters] = line.split(/\s+/u).filter((part) => part !== '');
  if (program === undefined) {
    throw new PlatformError('config.invalid', 'TURNSTREAM_TTS_COMMAND names no program', { retry: 'never' });
  }
  return remembering(commandVoice({ command: [program, ...parameters] }));
}
