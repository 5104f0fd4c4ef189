import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const MEBIBYTES = { Mi: 1, Gi: 1_024 } as const;
/** A quantity of memory of Kubernetes, in MiB. */
export const mebibytes = (quantity: string): number =>
  Number(quantity.slice(0, -2)) * MEBIBYTES[quantity.slice(-2) as keyof typeof MEBIBYTES];
/** A quantity of CPU of Kubernetes, in thousandths of a core. */
export const millicores = (quantity: string): number =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1_000;

/** Node alone takes some 60 MiB; nothing here has a use for more than 16 GiB. */
const memory = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d*(?:Mi|Gi)$/u, 'is not a number of Mi or Gi'),
  v.check((q) => mebibytes(q) >= 96 && mebibytes(q) <= 16_384, 'is not between 96Mi and 16Gi'),
);
const cpu = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d*m?$/u, 'is not a number of cores, or of thousandths (m)'),
  v.check((q) => millicores(q) >= 10 && millicores(q) <= 16_000, 'is not between 10m and 16'),
);

/** The most copies of anything: what the rule for long queues stops at. */
export const MOST_COPIES = 300;

/** What a function needs from whatever runs it: facts, in the platform's own words, and no YAML. */
export const Deployment = v.pipe(
  v.strictObject({
    memory,
    cpu,
    /** Events, or requests of the gateway, that one copy works on at a time. */
    concurrency: whole(1, 1_000),
    /** After so long the platform gives up waiting for an answer. */
    timeoutSeconds: whole(1, 600),
    /** Time limit of a call to something outside, milliseconds; absent where nothing outside is called. */
    breakerMs: v.exactOptional(whole(1, 600_000)),
    /** Whether the image needs the model files. */
    model: v.boolean(),
    scale: v.pipe(
      v.strictObject({
        min: whole(0, MOST_COPIES),
        max: whole(1, MOST_COPIES),
        /** Events waiting for each copy beyond which another is started. */
        lag: whole(1, 50_000),
      }),
      v.forward(
        v.check(({ min, max }) => min <= max, 'is more than scale.max'),
        ['min'],
      ),
    ),
  }),
  v.readonly(),
);
export type Deployment = v.InferOutput<typeof Deployment>;

/** Checks the facts about `name`. Fails with `deploy.invalid` (never), naming the field. */
export function readDeployment(name: string, facts: unknown): Deployment {
  const parsed = v.safeParse(Deployment, facts);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw invalid(`${name}: ${v.getDotPath(issue) ?? 'deployment'}: ${issue.message}`);
}

/** A definition that cannot be rendered; the message begins with the name and the field. */
export const invalid = (message: string): PlatformError =>
  new PlatformError('deploy.invalid', message, { retry: 'never' });
