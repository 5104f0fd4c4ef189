import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { tiny } from '../fixtures/copy.ts';
import { openEncoder } from '../open.ts';
import { expectedOf, removeModel, wrongFiles } from './home.ts';
import { readLocks } from './lock.ts';
import { entryOf, startMirror, TAG, well, type Manner } from './mirror.fixture.ts';
import { pullModel, type Pull } from './pull.ts';
import { sourceOf } from './source.ts';

const WEIGHTS = 'onnx/model.onnx';
const homes: string[] = [];

afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => rm(home, { recursive: true, force: true })));
});

/** A mirror, an empty folder for models, and a pull from one to the other that loses patience quickly. */
async function scene(pins: 'pinned' | 'unpinned' = 'pinned', given?: string) {
  const mirror = await startMirror();
  const home = given ?? (await mkdtemp(join(tmpdir(), 'turnstream-models-')));
  homes.push(home);
  const model = await entryOf('embedding', pins);
  const patience = { stallMs: 300, tries: 3, pauseMs: 1 };
  const usual = { model, home, source: sourceOf(mirror.url), patience };
  const pull = (options: Partial<Pull> = {}) =>
    pullModel({ ...usual, signal: new AbortController().signal, ...options });
  const weights = () => mirror.asked.filter(({ path }) => path === WEIGHTS);
  return { mirror, home, model, pull, weights, [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose]() };
}

/** Hangs up once this many bytes have been kept: what is on its way when a connection breaks is lost. */
const hangUp = (home: string, response: ServerResponse, kept: number) =>
  expect
    .poll(async () => (await stat(join(home, '.pulling/embedding', `${WEIGHTS}.part`))).size, { interval: 2 })
    .toBe(kept)
    .then(() => response.destroy());

/** Sends this much, then hangs up; after some times of that, as it should be. */
const cutAt =
  (home: string, length: number, times = 1): Manner =>
  (response, bytes, asked, nth) => {
    if (nth > times) {
      well(response, bytes, asked, nth);
      return;
    }
    const from = Number(/^bytes=(\d+)-$/u.exec(asked.range ?? '')?.[1] ?? 0);
    const where = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(asked.range ? 206 : 200, { etag: TAG, 'content-length': bytes.length - from, ...where });
    response.write(bytes.subarray(from, from + length));
    void hangUp(home, response, from + length);
  };

/** At first another file, of which this much comes. */
const otherFirst =
  (home: string, length: number, then: Manner): Manner =>
  (response, bytes, asked, nth) => {
    if (nth > 1) {
      then(response, bytes, asked, nth);
      return;
    }
    response.writeHead(200, { etag: '"v0"', 'content-length': bytes.length });
    response.write(Buffer.alloc(length, 1));
    void hangUp(home, response, length);
  };

describe('a pull', () => {
  it('fetches a model, checks it and puts it in its place, ready for use', async () => {
    await using at = await scene();
    const told: number[] = [];
    const { dir, ...rest } = await at.pull({ onProgress: (done, total) => told.push(done / total) });
    expect(rest).toEqual({ outcome: 'pulled', firstPinned: [] });
    expect(await wrongFiles(dir, expectedOf(at.model, {}))).toEqual([]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told[told.length - 1]).toBeGreaterThan(0.99);
    expect(await readdir(join(at.home, '.pulling'))).toEqual([]);
    const encoder = await openEncoder(dir);
    expect(encoder.capabilities.pooling).toBe('cls');
    await encoder.close();
  });

  it('fetches nothing that is there already', async () => {
    await using at = await scene();
    await at.pull();
    const before = at.mirror.asked.length;
    expect(await at.pull()).toMatchObject({ outcome: 'present' });
    expect(at.mirror.asked.length).toBe(before);
  });

  it('mends a damaged model, and fetches only what is damaged', async () => {
    await using at = await scene();
    const { dir } = await at.pull();
    await truncate(join(dir, WEIGHTS), 100);
    const before = at.mirror.asked.length;
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
    expect(at.mirror.asked.slice(before).map(({ path }) => path)).toEqual([WEIGHTS]);
    expect(await wrongFiles(dir, expectedOf(at.model, {}))).toEqual([]);
  });

  it('goes on where the connection was cut', async () => {
    await using at = await scene();
    at.mirror.behave(cutAt(at.home, 5_000, 4));
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
    const starts = at.weights().map(({ range }) => Number(/\d+/u.exec(range ?? '0')?.[0]));
    expect(starts).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    expect(
      at
        .weights()
        .slice(1)
        .every(({ ifRange }) => ifRange === TAG),
    ).toBe(true);
  });

  it('goes on where an earlier process stopped', async () => {
    await using at = await scene();
    at.mirror.behave((response, bytes, asked, nth) => {
      if (nth === 1) cutAt(at.home, 9_000)(response, bytes, asked, nth);
      else response.writeHead(404).end();
    });
    await expect(at.pull()).rejects.toMatchObject({ code: 'models.refused', retry: 'never' });
    at.mirror.behave(well);
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
    expect(at.weights()[2]).toMatchObject({ range: 'bytes=9000-' });
  });

  it('begins anew where the source ignores ranges', async () => {
    await using at = await scene();
    at.mirror.behave((response, bytes, asked, nth) => {
      if (nth === 1) cutAt(at.home, 7_000)(response, bytes, asked, nth);
      else response.writeHead(200).end(bytes);
    });
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
  });

  it('begins anew where the file has changed in between', async () => {
    await using at = await scene('unpinned');
    at.mirror.behave(otherFirst(at.home, 9_000, well));
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
    expect(at.weights()[1]).toMatchObject({ range: 'bytes=9000-', ifRange: '"v0"' });
  });

  it('never uses halves of two files, even from a source that joins them', async () => {
    await using at = await scene();
    const joining: Manner = (response, bytes, asked, nth) => {
      well(response, bytes, { ...asked, ifRange: undefined }, nth);
    };
    at.mirror.behave(otherFirst(at.home, 9_000, joining));
    const { dir } = await at.pull();
    expect(await readFile(join(dir, WEIGHTS))).toEqual(await readFile(join(tiny('embedding'), WEIGHTS)));
    expect(at.weights().map(({ range }) => range)).toEqual([undefined, 'bytes=9000-', undefined]);
  });

  it('refuses wrong bytes, leaves nothing of them, and keeps the model that was there', async () => {
    await using at = await scene();
    const { dir } = await at.pull();
    const mark = join(dir, 'config.json');
    await writeFile(mark, '{}');
    at.mirror.behave((response, bytes) => response.writeHead(200).end(Buffer.alloc(bytes.length, 7)));
    await rm(join(dir, WEIGHTS));
    await expect(at.pull()).rejects.toMatchObject({ code: 'models.wrong-bytes', retry: 'never' });
    expect(await readFile(mark, 'utf8')).toBe('{}');
    expect(await readdir(join(at.home, '.pulling/embedding/onnx'))).toEqual([]);
  });

  it('stops reading at the size that was promised', async () => {
    await using at = await scene();
    let sent = 0;
    at.mirror.behave((response) => {
      response.writeHead(200);
      const more = () => {
        sent += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    await expect(at.pull()).rejects.toMatchObject({ code: 'models.too-large' });
    expect(sent).toBeLessThan(50 << 20);
  });

  it('gives up a source that falls silent, after some tries', async () => {
    await using at = await scene();
    at.mirror.behave((response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.flushHeaders();
    });
    await expect(at.pull()).rejects.toMatchObject({ code: 'models.unreachable', retry: 'later' });
    expect(at.weights()).toHaveLength(3);
  });

  it('tries again where the source is overloaded', async () => {
    await using at = await scene();
    at.mirror.behave((response, bytes, asked, nth) => {
      if (nth < 3) response.writeHead(503, { 'retry-after': '0' }).end();
      else well(response, bytes, asked, nth);
    });
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
  });

  it('follows redirects, and keeps the range on the way', async () => {
    await using at = await scene();
    await using elsewhere = await startMirror();
    elsewhere.behave(cutAt(at.home, 8_000));
    at.mirror.behave((response) => {
      response.writeHead(302, { location: `${elsewhere.url}/tests/embedding/resolve/1/${WEIGHTS}` }).end();
    });
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
    expect(elsewhere.asked[1]).toMatchObject({ range: 'bytes=8000-' });
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', '/tests/embedding/resolve/1/onnx/model.onnx'])(
    'does not follow a redirect to %s',
    async (location) => {
      await using at = await scene();
      at.mirror.behave((response) => response.writeHead(302, { location }).end());
      await expect(at.pull()).rejects.toMatchObject({ code: 'models.refused' });
    },
  );

  it('takes models from a folder of another machine', async () => {
    await using at = await scene();
    const shared = await mkdtemp(join(tmpdir(), 'turnstream-shared-'));
    homes.push(shared);
    await cp(tiny('embedding'), join(shared, 'embedding'), { recursive: true });
    expect(await at.pull({ source: sourceOf(pathToFileURL(shared).href) })).toMatchObject({ outcome: 'pulled' });
    expect(at.mirror.asked).toEqual([]);
  });

  it('pins by its first pull what nobody has pinned, and holds the next one to it', async () => {
    await using at = await scene('unpinned');
    expect((await at.pull()).firstPinned).toEqual(at.model.files.map(({ path }) => path));
    const locked = (await readLocks(at.home))['embedding'];
    expect(locked?.files[WEIGHTS]?.sha256).toMatch(/^[0-9a-f]{64}$/u);
    await rm(join(at.home, 'embedding', WEIGHTS));
    at.mirror.behave((response, bytes) => {
      const other = Buffer.from(bytes);
      other[other.length - 1] = 0xff;
      response.writeHead(200).end(other);
    });
    await expect(at.pull()).rejects.toMatchObject({ code: 'models.wrong-bytes' });
  });

  it('refuses a model that cannot be run, though its bytes are those of the list', async () => {
    await using at = await scene();
    const config = { ...at.model, settings: { '1_Pooling/config.json': { pooling_mode_lasttoken: true } } };
    await expect(at.pull({ model: config })).rejects.toMatchObject({ code: 'model.invalid' });
    expect(await readdir(at.home)).not.toContain('embedding');
  });

  it('does not begin where the disk has no room', async () => {
    await using at = await scene();
    const files = at.model.files.map((file) => ({ ...file, bytes: 2 ** 52 }));
    await expect(at.pull({ model: { ...at.model, files } })).rejects.toMatchObject({ code: 'models.no-space' });
    expect(at.mirror.asked).toEqual([]);
  });

  it('goes alone', async () => {
    await using at = await scene();
    const all = await Promise.allSettled([at.pull(), at.pull()]);
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(all.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'models.busy' } });
  });

  it('is not held up by a process that is gone', async () => {
    await using at = await scene();
    await mkdir(join(at.home, '.pulling'));
    await writeFile(join(at.home, '.pulling/embedding.lock'), '4194305');
    expect(await at.pull()).toMatchObject({ outcome: 'pulled' });
  });

  it('stops when told to, and keeps what has come', async () => {
    await using at = await scene();
    const stop = new AbortController();
    at.mirror.behave((response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 6_000));
    });
    const onProgress = (done: number) => {
      if (done >= 10_000) stop.abort(new Error('enough'));
    };
    await expect(at.pull({ signal: stop.signal, onProgress })).rejects.toThrow('enough');
    expect((await stat(join(at.home, '.pulling/embedding', `${WEIGHTS}.part`))).size).toBe(6_000);
  });

  it('is undone by taking the model away', async () => {
    await using at = await scene();
    await at.pull();
    expect(await removeModel(at.home, 'embedding')).toBe(true);
    expect(await removeModel(at.home, 'embedding')).toBe(false);
    expect(await readLocks(at.home)).toEqual({});
  });
});
