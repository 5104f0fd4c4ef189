import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tiny, type Tiny } from '../fixtures/copy.ts';
import type { PinnedModel } from '../models.ts';

const PATHS = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'];

/** A tiny model as an entry of the list, with its real sizes and checksums, or without any. */
export async function entryOf(name: Tiny, pins: 'pinned' | 'unpinned' = 'pinned'): Promise<PinnedModel> {
  const files = await Promise.all(
    PATHS.map(async (path) => {
      const bytes = await readFile(join(tiny(name), path));
      if (pins === 'unpinned') return { path, bytes: undefined, sha256: undefined };
      return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  const settings = { '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false } };
  return {
    ...{ name, kind: 'embedding', about: 'tiny', licence: 'none', repository: `tests/${name}`, revision: '1' },
    files,
    settings,
  };
}

/** What a mirror was asked for. */
export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** How a mirror answers; `nth` counts requests of the same path from 1. */
export type Manner = (response: ServerResponse, bytes: Buffer, asked: Asked, nth: number) => void;

/** A mirror on loopback that serves the tiny models, well or badly. */
export interface Mirror extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** How the weights are answered from now on; other files are always answered well. */
  readonly behave: (manner: Manner) => void;
}

export const TAG = '"v1"';

/** As a good server does: ranges, If-Range, a tag. */
export const well: Manner = (response, bytes, { range, ifRange }) => {
  const from = Number(/^bytes=(\d+)-$/u.exec(range ?? '')?.[1] ?? -1);
  if (from < 0 || (ifRange !== undefined && ifRange !== TAG)) {
    response.writeHead(200, { etag: TAG, 'content-length': bytes.length }).end(bytes);
    return;
  }
  if (from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const part = bytes.subarray(from);
  const where = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(206, { etag: TAG, 'content-length': part.length, 'content-range': where }).end(part);
};

export async function startMirror(): Promise<Mirror> {
  let manner = well;
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { range, 'if-range': ifRange } = request.headers;
    const path = (request.url ?? '').split('/resolve/1/')[1] ?? '';
    const name = /^\/tests\/([a-z-]+)\//u.exec(request.url ?? '')?.[1] ?? 'none';
    asked.push({ path, range, ifRange: typeof ifRange === 'string' ? ifRange : undefined });
    const [last] = asked.slice(-1);
    readFile(join(tiny(name as Tiny), path)).then(
      (bytes) => {
        if (last)
          (path.endsWith('.onnx') ? manner : well)(response, bytes, last, asked.filter((a) => a.path === path).length);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behave(next) {
      manner = next;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
