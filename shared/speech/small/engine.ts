import { basename, join, resolve } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { sha256Of } from '../../encoder/fingerprint.ts';
import { modelInvalid } from '../../encoder/invalid.ts';
import { checkOnnxFile } from '../../encoder/onnx-file.ts';
import { PlatformError } from '../../errors/index.ts';
import { toFloats } from '../codecs.ts';
import { wordsOf, type HeardPart } from '../context.ts';
import { decode, DECODER_START, finishDecoding, type DecoderState } from '../decoder.ts';
import type { Engine, EngineCapabilities, Recognition, Transcript } from '../engine.ts';
import { joined } from '../intake.ts';
import { openOnnx } from '../onnx.ts';
import { readSmallConfig, type SmallConfig } from './config.ts';

const WEIGHTS = 'model.onnx';
/** Silence after the end that brings out what the model still holds, beyond its delay. */
const FLUSH_MS = 120;

/** All that a small model knows of an utterance. */
interface Known {
  /** The model's own state. */
  readonly state: Float32Array;
  /** Samples that fill no frame yet. */
  readonly pending: Int16Array;
  readonly decoder: DecoderState;
  /** What was heard so far: which words these are may still change with what comes. */
  readonly parts: readonly HeardPart[];
}

/**
 * A small streaming model of our own (`training/speech`): its state is an input and an output, so it travels. A run
 * takes 0.1 ms and blocks for as long. Fails with `model.invalid` (never).
 */
export async function openSmallEngine(dir: string): Promise<Engine> {
  const config = await readSmallConfig(dir);
  const file = join(dir, WEIGHTS);
  const hash = await sha256Of(file).catch((cause: unknown) => {
    throw modelInvalid(WEIGHTS, 'is missing', cause);
  });
  if (hash !== config.sha256) throw modelInvalid(WEIGHTS, 'is not the file that config.json names');
  checkOnnxFile(file, WEIGHTS);
  const session = await openOnnx(file).catch((cause: unknown) => {
    throw modelInvalid(WEIGHTS, 'cannot be loaded', cause);
  });
  const capabilities: EngineCapabilities = {
    model: `${basename(resolve(dir))}@${hash.slice(0, 12)}`,
    languages: [config.language],
    rate: config.sampleRate,
    streaming: true,
    state: 'travels',
    words: true,
  };
  return {
    capabilities,
    begin: ({ saved }) =>
      Promise.resolve().then(() => recognition(session, config, saved ? unpacked(saved, config) : fresh(config))),
    close: () => session.release(),
  };
}

function recognition(session: InferenceSession, config: SmallConfig, from: Known): Recognition {
  const frame = (config.sampleRate / 1_000) * config.frameMs;
  let known = from;

  const run = async (sound: Int16Array): Promise<Float32Array> => {
    const feeds = {
      audio: new Tensor('float32', toFloats(sound), [1, sound.length]),
      state: new Tensor('float32', known.state, [1, config.stateSize]),
    };
    const { logprobs, next_state: next } = await session.run(feeds).catch((cause: unknown) => {
      throw new PlatformError('asr.failed', 'the model failed', { retry: 'later', cause });
    });
    known = { ...known, state: Float32Array.from(next?.data as Float32Array) };
    return logprobs?.data as Float32Array;
  };
  const take = async (sound: Int16Array): Promise<HeardPart | null> => {
    const all = joined(known.pending, sound);
    const whole = all.length - (all.length % frame);
    if (whole === 0) {
      known = { ...known, pending: all };
      return null;
    }
    const logprobs = await run(all.slice(0, whole));
    const { state, parts, partial } = decode(config, known.decoder, logprobs);
    known = { ...known, pending: all.slice(whole), decoder: state, parts: [...known.parts, ...parts] };
    return partial;
  };
  const wordsIn = (parts: readonly HeardPart[]) => wordsOf(config, parts).filter(({ word }) => word !== config.unknown);
  const textOf = (words: readonly { readonly word: string }[]) => words.map(({ word }) => word).join(' ');
  let text = textOf(wordsIn(known.parts));

  return {
    async hear(sound) {
      const before = known.pending.length + sound.length;
      const partial = await take(sound);
      if (before >= frame) text = textOf(wordsIn(partial ? [...known.parts, partial] : known.parts));
      return text;
    },
    async finish(): Promise<Transcript> {
      const flush = Math.ceil((config.delayMs + FLUSH_MS) / config.frameMs) * frame;
      await take(new Int16Array(flush + ((frame - known.pending.length) % frame)));
      const words = wordsIn([...known.parts, ...finishDecoding(config, known.decoder)]);
      const sum = words.reduce((total, { confidence }) => total + confidence, 0);
      return {
        text: textOf(words),
        confidence: words.length > 0 ? Math.min(1, sum / words.length) : 1,
        words: words.map(({ word, fromMs, toMs }) => ({ text: word, fromMs, toMs })),
      };
    },
    save: () => packed(known),
    close: () => undefined,
  };
}

const fresh = ({ stateSize }: SmallConfig): Known => ({
  state: new Float32Array(stateSize),
  pending: new Int16Array(0),
  decoder: DECODER_START,
  parts: [],
});

/** The state and the samples as they are, the rest as JSON. */
function packed({ state, pending, decoder, parts }: Known): Uint8Array {
  const said = parts.map(({ fromMs, toMs, guesses }) => [
    fromMs,
    toMs,
    ...guesses.map(({ word, certainty }) => [word, certainty]),
  ]);
  const lengths = Buffer.alloc(4);
  lengths.writeUInt32LE(pending.byteLength);
  return Buffer.concat([
    lengths,
    new Uint8Array(state.buffer, state.byteOffset, state.byteLength),
    new Uint8Array(pending.buffer, pending.byteOffset, pending.byteLength),
    Buffer.from(JSON.stringify({ decoder, parts: said })),
  ]);
}

function unpacked(bytes: Uint8Array, { stateSize }: SmallConfig): Known {
  const whole = Buffer.from(bytes);
  const pendingAt = 4 + stateSize * 4;
  const restAt = pendingAt + whole.readUInt32LE(0);
  const { decoder, parts } = JSON.parse(whole.subarray(restAt).toString()) as {
    readonly decoder: DecoderState;
    readonly parts: readonly (readonly [number, number, ...(readonly [string, number])[]])[];
  };
  return {
    state: new Float32Array(Uint8Array.from(whole.subarray(4, pendingAt)).buffer),
    pending: new Int16Array(Uint8Array.from(whole.subarray(pendingAt, restAt)).buffer),
    decoder,
    parts: parts.map(([fromMs, toMs, ...guesses]) => ({
      fromMs,
      toMs,
      guesses: guesses.map(([word, certainty]) => ({ word, certainty })),
    })),
  };
}
