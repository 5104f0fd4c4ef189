import * as v from 'valibot';
import { parse, parseDocument } from 'yaml';
import { invalid } from './deployment.ts';

const version = v.pipe(v.string(), v.regex(/^[\w][\w.-]{0,127}$/u, 'is not a tag of an image'));
/** A part of the name of a Knative revision. */
const revision = v.pipe(v.string(), v.regex(/^[a-z\d](?:[a-z\d-]{0,18}[a-z\d])?$/u, 'is not a part of a DNS label'));

/** What runs everywhere: one image, one version, and at most one that is tried out beside it. */
export const Release = v.strictObject({
  /** Where the image is, without a version. */
  image: v.pipe(v.string(), v.regex(/^[a-z\d](?:[\w./:-]*[a-z\d])?$/u, 'is not the name of an image')),
  version,
  /** The content of that version, `sha256:…`: nobody can exchange it. */
  digest: v.exactOptional(v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/u, 'is not a SHA-256'))),
  /** The name of what runs; to be raised whenever a Knative template changes, since a revision never does. */
  revision,
  canary: v.exactOptional(
    v.strictObject({
      version,
      digest: v.exactOptional(v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/u, 'is not a SHA-256'))),
      revision,
      /** Its share of the requests. */
      percent: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
    }),
  ),
});
export type Release = v.InferOutput<typeof Release>;

/** Reads the text of `knative/release.yml`. Fails with `deploy.invalid` (never), naming the field. */
export function readRelease(text: string): Release {
  const parsed = v.safeParse(Release, parse(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`release: ${v.getDotPath(issue) ?? 'release.yml'}: ${issue.message}`);
  }
  if (parsed.output.canary?.revision === parsed.output.revision) {
    throw invalid('release: canary.revision: is the same as revision');
  }
  return parsed.output;
}

/** The same text with another share for the canary; comments stay. */
export function withShare(text: string, percent: number): string {
  if (!readRelease(text).canary) throw invalid('release: canary: there is none');
  const document = parseDocument(text);
  document.setIn(['canary', 'percent'], percent);
  return changed(String(document));
}

/** The same text with the canary in the place of what ran before it. */
export function promoted(text: string): string {
  const { canary } = readRelease(text);
  if (!canary) throw invalid('release: canary: there is none');
  const document = parseDocument(text);
  const { version, digest, revision } = canary;
  document.set('version', version);
  if (digest === undefined) document.delete('digest');
  else document.set('digest', digest);
  document.set('revision', revision);
  document.delete('canary');
  return changed(String(document));
}

function changed(text: string): string {
  readRelease(text);
  return text;
}

/** The image of a version, by digest where one is known. */
export const imageOf = (
  { image }: Pick<Release, 'image'>,
  { version, digest }: Pick<Release, 'version' | 'digest'>,
): string => (digest === undefined ? `${image}:${version}` : `${image}@${digest}`);
