import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { modelInvalid } from '../../encoder/invalid.ts';
import { checkOnnxFile } from '../../encoder/onnx-file.ts';

const KINDS = ['vits', 'kokoro'] as const;

/** What stands beside a voice, since its files do not tell: `turnstream.json`. */
const About = v.object({
  kind: v.picklist(KINDS),
  /** Which of its speakers. */
  speaker: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** 1: as it is; 1.2: a fifth faster. */
  speed: v.optional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(2)), 1),
});

/** A folder with a voice of sherpa-onnx, and what the library is to be told of it. */
export interface VoiceFolder {
  readonly name: string;
  readonly speaker: number;
  readonly speed: number;
  readonly config: object;
}

const ABOUT = 'turnstream.json';

/**
 * Looks at a folder without running anything: `model.onnx` (or any other one), `tokens.txt`, and what its kind needs of
 * `lexicon.txt`, `espeak-ng-data/` and `voices.bin`. Fails with `model.invalid` (never), naming the file.
 */
export function readVoiceFolder(dir: string): VoiceFolder {
  if (!existsSync(join(dir, ABOUT))) throw modelInvalid(ABOUT, `is missing in ${basename(resolve(dir))}`);
  const text = readFileSync(join(dir, ABOUT), 'utf8');
  const about = v.safeParse(v.pipe(v.string(), v.parseJson(), About), text);
  if (!about.success) {
    throw modelInvalid(ABOUT, `${v.getDotPath(about.issues[0]) ?? 'it'} is not valid; kinds are ${KINDS.join(', ')}`);
  }
  const { kind, speaker, speed } = about.output;
  const model = readdirSync(dir).find((name) => name.endsWith('.onnx'));
  if (model === undefined) throw modelInvalid('model.onnx', 'is missing');
  checkOnnxFile(join(dir, model), model);
  const needed = (name: string): string => {
    if (!existsSync(join(dir, name))) throw modelInvalid(name, 'is missing');
    return join(dir, name);
  };
  const optional = (name: string): string => (existsSync(join(dir, name)) ? join(dir, name) : '');
  const common = {
    model: join(dir, model),
    tokens: needed('tokens.txt'),
    lexicon: optional('lexicon.txt'),
    dataDir: optional('espeak-ng-data'),
  };
  if (common.lexicon === '' && common.dataDir === '')
    throw modelInvalid('lexicon.txt', 'is missing, or espeak-ng-data');
  const part = kind === 'vits' ? { vits: common } : { kokoro: { ...common, voices: needed('voices.bin') } };
  return {
    name: `sherpa/${basename(resolve(dir))}/${speaker}`,
    speaker,
    speed,
    config: { model: { ...part, numThreads: 1, provider: 'cpu', debug: 0 }, maxNumSentences: 1 },
  };
}
