import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { modelInvalid } from '../../encoder/invalid.ts';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const frames = v.pipe(v.number(), v.minValue(0), v.maxValue(1_000));
const whole = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max));

/** The `config.json` beside a small model; what is not named here is for people. */
const SmallConfig = v.object({
  /** Of the file with the weights. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u)),
  sampleRate: v.picklist([8_000, 16_000]),
  frameMs: whole(100),
  delayMs: v.pipe(v.number(), v.minValue(0), v.maxValue(1_000)),
  stateSize: whole(2_048),
  language: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{2,3}$/u)), 'en'),
  tokens: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(64))), v.minLength(2), v.maxLength(512)),
  blank: v.string(),
  unknown: v.string(),
  threshold: share,
  decoder: v.object({ speech: share, shortest: frames, split: frames, full: v.array(frames) }),
  context: v.object({
    groups: v.pipe(v.array(v.pipe(v.array(v.string()), v.minLength(1))), v.minLength(1), v.maxLength(8)),
    prior: v.array(share),
    stay: v.array(share),
    fadeMs: whole(60_000),
    doubt: share,
    least: share,
  }),
});
export type SmallConfig = v.InferOutput<typeof SmallConfig>;

const FILE = 'config.json';

/** Reads what is said about a model. Fails with `model.invalid` (never), naming the file and what is wrong in it. */
export async function readSmallConfig(dir: string): Promise<SmallConfig> {
  const text = await readFile(join(dir, FILE), 'utf8').catch((cause: unknown) => {
    throw modelInvalid(FILE, 'is missing', cause);
  });
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), SmallConfig), text);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw modelInvalid(FILE, `${v.getDotPath(issue) ?? 'it'} is not valid`);
  }
  const { tokens, blank, unknown, context } = parsed.output;
  for (const token of [blank, unknown, ...context.groups.flat()]) {
    if (!tokens.includes(token)) throw modelInvalid(FILE, 'names a token that is none');
  }
  const kinds = context.groups.length + 1;
  if (context.prior.length !== kinds - 1 || context.stay.length !== kinds) {
    throw modelInvalid(FILE, 'has not one prior for each group, and one stay for each and for other speech');
  }
  return parsed.output;
}
