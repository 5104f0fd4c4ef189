import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { fingerprint } from '../../../encoder/fingerprint.ts';
import { modelInvalid } from '../../../encoder/invalid.ts';
import { checkOnnxFile } from '../../../encoder/onnx-file.ts';

/** Which files each kind of model has, by the names under which sherpa-onnx's own models are published. */
const PARTS = {
  'streaming-transducer': ['encoder', 'decoder', 'joiner'],
  'streaming-paraformer': ['encoder', 'decoder'],
  'streaming-zipformer-ctc': ['model'],
  'streaming-nemo-ctc': ['model'],
  'streaming-t-one-ctc': ['model'],
  transducer: ['encoder', 'decoder', 'joiner'],
  paraformer: ['model'],
  'zipformer-ctc': ['model'],
  'nemo-ctc': ['model'],
  'sense-voice': ['model'],
  whisper: ['encoder', 'decoder'],
} as const;

export type SherpaKind = keyof typeof PARTS;
const KINDS = Object.keys(PARTS) as readonly SherpaKind[];

/** What stands beside a model, since its files do not tell: `turnstream.json`. */
const About = v.object({
  kind: v.picklist(KINDS),
  languages: v.optional(v.array(v.pipe(v.string(), v.regex(/^[a-z]{2,3}$/u))), []),
});

/** A folder with a model of sherpa-onnx. */
export interface SherpaFolder {
  readonly kind: SherpaKind;
  readonly languages: readonly string[];
  /** Its name, with a hash of its files. */
  readonly model: string;
  /** Paths, by their part; `tokens` among them. */
  readonly files: Readonly<Record<string, string>>;
}

const ABOUT = 'turnstream.json';

/**
 * Looks at a folder without running anything: what kind of model it is, that its files are there and whole. Of files
 * with the same part those in 8 bits are taken. Fails with `model.invalid` (never), naming the file.
 */
export async function readSherpaFolder(dir: string): Promise<SherpaFolder> {
  const text = await readFile(join(dir, ABOUT), 'utf8').catch((cause: unknown) => {
    throw modelInvalid(ABOUT, `is missing in ${basename(resolve(dir))}`, cause);
  });
  const about = v.safeParse(v.pipe(v.string(), v.parseJson(), About), text);
  if (!about.success) {
    throw modelInvalid(ABOUT, `${v.getDotPath(about.issues[0]) ?? 'it'} is not valid; kinds are ${KINDS.join(', ')}`);
  }
  const { kind, languages } = about.output;
  const names = await readdir(dir);
  const parts = PARTS[kind].map((part) => [part, weightsIn(names, part)] as const);
  const tokens = names.filter((name) => name.endsWith('tokens.txt')).sort()[0];
  if (tokens === undefined) throw modelInvalid('tokens.txt', 'is missing');
  for (const [, name] of parts) checkOnnxFile(join(dir, name), name);
  const used = [...parts.map(([, name]) => name), tokens];
  const hash = await fingerprint(dir, used);
  const name = basename(resolve(dir))
    .replaceAll(/[^\w.-]/gu, '-')
    .slice(0, 80);
  return {
    kind,
    languages,
    model: `sherpa/${name}@${hash.slice(0, 12)}`,
    files: Object.fromEntries([...parts, ['tokens', tokens] as const].map(([part, file]) => [part, join(dir, file)])),
  };
}

function weightsIn(names: readonly string[], part: string): string {
  const able = names.filter((name) => name.endsWith('.onnx') && name.includes(part)).sort();
  const [name] = [...able.filter((each) => each.includes('int8')), ...able];
  if (name === undefined) throw modelInvalid(`${part}.onnx`, 'is missing');
  return name;
}

/** What sherpa-onnx is to be told of a folder: for its streaming recogniser, or for the one that hears all at once. */
export function sherpaConfig({ kind, files }: SherpaFolder): { readonly streaming: boolean; readonly config: object } {
  const { encoder, decoder, joiner, model, tokens } = files;
  const featConfig = { sampleRate: 16_000, featureDim: 80 };
  const common = { tokens, numThreads: 1, provider: 'cpu', debug: 0 };
  const online = (part: object) => ({
    streaming: true,
    // Where an utterance ends is decided elsewhere, for all engines alike.
    config: { featConfig, modelConfig: { ...common, ...part }, decodingMethod: 'greedy_search', enableEndpoint: 0 },
  });
  const offline = (part: object) => ({ streaming: false, config: { featConfig, modelConfig: { ...common, ...part } } });
  switch (kind) {
    case 'streaming-transducer':
      return online({ transducer: { encoder, decoder, joiner } });
    case 'streaming-paraformer':
      return online({ paraformer: { encoder, decoder } });
    case 'streaming-zipformer-ctc':
      return online({ zipformer2Ctc: { model } });
    case 'streaming-nemo-ctc':
      return online({ nemoCtc: { model } });
    case 'streaming-t-one-ctc':
      return online({ toneCtc: { model } });
    case 'transducer':
      return offline({ transducer: { encoder, decoder, joiner } });
    case 'paraformer':
      return offline({ paraformer: { model } });
    case 'zipformer-ctc':
      return offline({ zipformerCtc: { model } });
    case 'nemo-ctc':
      return offline({ nemoCtc: { model } });
    case 'sense-voice':
      return offline({ senseVoice: { model, language: 'auto', useInverseTextNormalization: 1 } });
    case 'whisper':
      return offline({ whisper: { encoder, decoder, language: '', task: 'transcribe', tailPaddings: -1 } });
  }
}
