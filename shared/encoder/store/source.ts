import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseRetryAfter } from '../../egress/retry-after.ts';
import { PlatformError } from '../../errors/index.ts';
import { modelsFault } from './fault.ts';

/** The bytes of a file from some place on, and how to ask for the rest of the very same file later. */
export interface Portion {
  /** Where the bytes begin: what was asked for, or 0 where the source gives only all of it. */
  readonly from: number;
  readonly validator: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface Wanted {
  readonly name: string;
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
  readonly from: number;
  readonly validator: string | undefined;
  readonly signal: AbortSignal;
}

/** Somewhere that files of models come from. */
export type Source = (wanted: Wanted) => Promise<Portion>;

const HUB = 'https://huggingface.co';
const MAX_REDIRECTS = 5;

/**
 * The hub, a mirror with the same addresses (`https://host/…/<repository>/resolve/<revision>/<path>`), or a folder
 * (`file:///…`) that holds models as this machine keeps them (`<name>/<path>`). Fails with `models.refused` for a mirror
 * of another kind.
 */
export function sourceOf(mirror: string = HUB): Source {
  const url = URL.parse(mirror.endsWith('/') ? mirror : `${mirror}/`);
  if (url?.protocol === 'file:') return folder(fileURLToPath(url));
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return hub(url);
  throw modelsFault('refused', 'a mirror begins with https://, http:// or file://');
}

/** Names of models and paths are the list's own, never a stranger's. */
const folder =
  (root: string): Source =>
  async ({ name, path, from }) => {
    const file = join(root, name, path);
    const found = await stat(file).catch((cause: unknown) => {
      throw modelsFault('refused', `${file} is not there`, 'never', cause);
    });
    const start = from <= found.size ? from : 0;
    return { from: start, validator: undefined, bytes: createReadStream(file, { start }) };
  };

const hub =
  (base: URL): Source =>
  async ({ repository, revision, path, from, validator, signal }) => {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (from > 0) headers['range'] = `bytes=${from}-`;
    if (from > 0 && validator !== undefined) headers['if-range'] = validator;
    const response = await follow(new URL(`${repository}/resolve/${revision}/${path}`, base), headers, signal);
    const tag = response.headers.get('etag') ?? undefined;
    const portion = {
      // A weak tag says "about the same", which is not enough to put two halves together.
      validator: tag?.startsWith('W/') ? undefined : tag,
      bytes: response.body as unknown as AsyncIterable<Uint8Array>,
    };
    if (response.status === 206 && startOf(response) === from) return { ...portion, from };
    if (response.status === 200) return { ...portion, from: 0 };
    await response.body?.cancel();
    // Nothing lies beyond what is here: it is all there, or it is another file now.
    if (response.status === 416 && from > 0)
      return { ...portion, from: sizeIn(response) === from ? from : 0, bytes: nothing() };
    throw refusal(response, base.host);
  };

/** Follows redirects by hand: to a server that carries the weights, but never from HTTPS to HTTP. */
async function follow(first: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url.href);
    const safe = next?.protocol === 'https:' || (next?.protocol === 'http:' && first.protocol === 'http:');
    if (!next || !safe) throw modelsFault('refused', `${first.host} sends elsewhere, without encryption`);
    url = next;
  }
  throw modelsFault('refused', `${first.host} sends from one address to the next without end`);
}

function refusal({ status, headers }: Response, host: string): PlatformError {
  const again = status === 408 || status === 429 || status >= 500;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after') ?? undefined, new Date());
  return new PlatformError(again ? 'models.unreachable' : 'models.refused', `${host} answered ${status}`, {
    retry: again ? 'later' : 'never',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

const startOf = (response: Response): number =>
  Number(/^bytes (\d+)-/u.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1);

const sizeIn = (response: Response): number =>
  Number(/^bytes \*\/(\d+)$/u.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1);

const nothing = (): AsyncIterable<Uint8Array> => Readable.from([]);
