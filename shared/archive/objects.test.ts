import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderStore } from './folder.ts';
import { describeObjectStore } from './objects.contract.ts';
import { startBucket } from './s3.fixture.ts';
import { bucketStore } from './s3.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'turnstream-archive-'));

describeObjectStore('a folder', async () => {
  const dir = await newFolder();
  return { store: folderStore(dir), stop: () => rm(dir, { recursive: true }) };
});

describeObjectStore('a bucket', async () => {
  const { bucket, stop } = await startBucket('conversations/');
  return { store: bucketStore(bucket), stop };
});

it('a folder holds nothing but whole objects, readable by their owner only', async () => {
  const dir = await newFolder();
  const store = folderStore(dir);
  await Promise.all(Array.from({ length: 10 }, () => store.put('day/object', Buffer.alloc(100_000))));
  expect(await readdir(join(dir, 'day'))).toEqual(['object']);
  expect((await stat(join(dir, 'day', 'object'))).mode & 0o777).toBe(0o600);
  await rm(dir, { recursive: true });
});

it('a folder that cannot be written says so, and leaves nothing behind', async () => {
  const dir = await newFolder();
  await writeFile(join(dir, 'day'), 'a file where a folder should be');
  await expect(folderStore(dir).put('day/object', Buffer.from('x'))).rejects.toMatchObject({
    code: 'archive.unavailable',
    retry: 'later',
  });
  expect(await readdir(dir)).toEqual(['day']);
  await rm(dir, { recursive: true });
});

it('a bucket is addressed by path, in one signed PUT', async () => {
  const s3 = await startBucket('archive/');
  await bucketStore(s3.bucket).put('tenant=acme/day=2026-02-03/1-2-ab.parquet', Buffer.from('x'));
  expect(s3.requests).toEqual(['PUT /conversations/archive/tenant%3Dacme/day%3D2026-02-03/1-2-ab.parquet']);
  expect([...s3.objects.keys()]).toEqual(['/conversations/archive/tenant=acme/day=2026-02-03/1-2-ab.parquet']);
  await s3.stop();
});

it('a bucket refuses other credentials, and that is not taken for a missing object', async () => {
  const s3 = await startBucket();
  const store = bucketStore({ ...s3.bucket, secretAccessKey: 'wrong' });
  for (const attempt of [() => store.put('a', Buffer.from('x')), () => store.get('a'), () => store.remove('a')])
    await expect(attempt()).rejects.toMatchObject({ code: 'archive.unavailable', retry: 'later' });
  expect(s3.objects.size).toBe(0);
  await s3.stop();
});

it('a bucket that is busy for a moment is asked again, one that is away is not waited for', async () => {
  const s3 = await startBucket();
  const store = bucketStore(s3.bucket);
  s3.fail(503, 2);
  await store.put('a', Buffer.from('x'));
  expect(await store.get('a')).toEqual(new Uint8Array(Buffer.from('x')));
  await s3.stop();
  await expect(store.get('a')).rejects.toMatchObject({ code: 'archive.unavailable' });
});
