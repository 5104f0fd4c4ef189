import { createRequire } from 'node:module';
import { PlatformError } from '../../../errors/index.ts';

/** What is used of sherpa-onnx-node (Apache-2.0), which has no types of its own. */
export interface Sherpa {
  readonly OnlineRecognizer: new (config: object) => OnlineRecognizer;
  readonly OfflineRecognizer: new (config: object) => OfflineRecognizer;
  readonly OfflineTts: new (config: object) => OfflineTts;
}

export interface OfflineTts {
  generate(wanted: {
    readonly text: string;
    readonly sid: number;
    readonly speed: number;
    readonly enableExternalBuffer: false;
  }): { readonly samples: Float32Array; readonly sampleRate: number };
}

export interface SherpaStream {
  acceptWaveform(sound: { readonly samples: Float32Array; readonly sampleRate: number }): void;
}

export interface OnlineStream extends SherpaStream {
  inputFinished(): void;
}

export interface OnlineRecognizer {
  createStream(): OnlineStream;
  isReady(stream: OnlineStream): boolean;
  decode(stream: OnlineStream): void;
  getResult(stream: OnlineStream): SherpaResult;
}

export interface OfflineRecognizer {
  createStream(): SherpaStream;
  decode(stream: SherpaStream): void;
  getResult(stream: SherpaStream): SherpaResult;
}

export interface SherpaResult {
  readonly text: string;
  readonly tokens: readonly string[];
  /** Seconds. */
  readonly timestamps: readonly number[];
}

/** Loads the package, which is optional. Fails with `model.invalid` (never), saying how to install it. */
export function loadSherpa(): Sherpa {
  try {
    // CommonJS, and not bundled: it looks for its native library itself.
    return createRequire(import.meta.url)('sherpa-onnx-node') as Sherpa;
  } catch (cause) {
    const message = 'the package sherpa-onnx-node is not installed here: npm install sherpa-onnx-node';
    throw new PlatformError('model.invalid', message, { retry: 'never', cause });
  }
}
