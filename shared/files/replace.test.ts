import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from './replace.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-files-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('a file that is replaced', () => {
  it('has its new content, for those who may read it, and nothing stands beside it', async () => {
    const path = join(dir, 'file');
    await replaceFile(path, 'old and long', 0o600);
    await replaceFile(path, Uint8Array.of(110, 101, 119), 0o600);
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['file']);
  });

  it('is found whole by whoever reads meanwhile', async () => {
    const path = join(dir, 'file');
    const contents = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(100_000));
    await replaceFile(path, contents[0] ?? '');
    const writing = (async () => {
      for (const content of contents) await replaceFile(path, content);
    })();
    const over = new AbortController();
    void writing.finally(() => {
      over.abort();
    });
    while (!over.signal.aborted) expect(contents).toContain(await readFile(path, 'utf8'));
    await writing;
  });

  it('leaves nothing behind where it cannot be put', async () => {
    await mkdir(join(dir, 'taken', 'inside'), { recursive: true });
    await expect(replaceFile(join(dir, 'taken'), 'x')).rejects.toThrow();
    await expect(replaceFile(join(dir, 'nowhere', 'file'), 'x')).rejects.toThrow('ENOENT');
    expect(await readdir(dir)).toEqual(['taken']);
  });
});
