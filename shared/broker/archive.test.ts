import { expect, it } from 'vitest';
import { fileInArchive } from './archive.ts';
import { tarGz, zip } from './archive.fixture.ts';

const files = {
  'nats-server-v2/README.md': 'no',
  'nats-server-v2/nats-server': 'yes'.repeat(400),
  'nats-server-v2/x': '',
};

it.each([
  ['a.tar.gz', tarGz(files)],
  ['a.zip', zip(files)],
])('takes the one file out of %s', (name, archive) => {
  expect(fileInArchive(archive, name, 'nats-server')?.toString()).toBe('yes'.repeat(400));
});

it.each([
  ['a.tar.gz', tarGz({ 'nats-server-v2/other': 'no' })],
  ['a.zip', zip({ 'nats-server-v2/other': 'no' })],
  ['a.zip', Buffer.from('not an archive')],
])('finds nothing in %s that does not hold it', (name, archive) => {
  expect(fileInArchive(archive, name, 'nats-server')).toBeUndefined();
});
