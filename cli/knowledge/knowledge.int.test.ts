import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { turnstream } from '../testing.ts';

let broker: TestServer;
let dir: string;
beforeAll(async () => {
  broker = await startBroker();
  dir = await mkdtemp(join(tmpdir(), 'kb-cli-'));
  expect(await turnstream(['provision', '--nats', broker.url, '--json'])).toMatchObject({ code: 0 });
  await writeFile(join(dir, 'refunds.md'), '# Refunds\n\nThe money comes back within three working days.\n');
  await writeFile(join(dir, 'faq.csv'), 'question,answer,id\nWhere is my parcel?,Look at the tracking page.,track\n');
});
afterAll(async () => {
  await broker.stop();
  await rm(dir, { recursive: true });
});

const knowledge = (command: string, ...args: readonly string[]) =>
  turnstream(['knowledge', command, ...args, '--nats', broker.url, '--tenant', 'acme']);

describe('turnstream knowledge', () => {
  it('adds what is new or changed, finds it with its version, and removes it', async () => {
    const added = await knowledge('add', dir, '--base', 'shop', '--json');
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(added.out)).toMatchObject({ added: true, published: 2, unchanged: 0 });
    const again = await knowledge('add', dir, '--base', 'shop');
    expect(again.out).toContain('0 articles published in shop, 2 unchanged');

    const listed = JSON.parse((await knowledge('list', '--base', 'shop', '--json')).out) as {
      articles: { id: string; version: string }[];
    };
    expect(listed.articles.map(({ id }) => id).toSorted()).toEqual(['refunds', 'track']);
    expect((await knowledge('list')).out).toBe('shop\n');

    const found = await knowledge('search', 'where is my parcel', '--base', 'shop', '--json');
    expect(found.code).toBe(0);
    const track = listed.articles.find(({ id }) => id === 'track');
    expect(JSON.parse(found.out)).toMatchObject({
      answered: true,
      passages: [{ article: 'track', version: track?.version, text: 'Look at the tracking page.' }],
    });

    expect(await knowledge('remove', 'track', '--base', 'shop')).toMatchObject({ code: 0 });
    const gone = await knowledge('remove', 'track', '--base', 'shop');
    expect(gone.code).toBe(1);
    expect(gone.err).toContain('there is no article track in shop');
    // Nine processes one after another.
  }, 90_000);

  it('says that it does not know, with exit code 1', async () => {
    const ran = await knowledge('search', 'who won the football match', '--base', 'shop', '--words-only');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('no article answers this with enough certainty');
  });

  it('tells what is wrong with file and line, and publishes nothing', async () => {
    const bad = join(dir, 'bad.csv');
    const large = join(dir, 'large.md');
    await writeFile(bad, 'question,answer\nx,y\nx,y,z\n');
    await writeFile(large, '');
    await truncate(large, 50_000_000);
    const ran = await knowledge('add', bad, large, join(dir, 'refunds.md'), '--base', 'other');
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`${bad}:3: it is not CSV: this row has another number of cells`);
    expect(ran.err).toContain(`${large}:1: the file is larger than 2 MB`);
    expect((await knowledge('list', '--base', 'other')).out).toBe('No articles in other of tenant acme.\n');
  }, 60_000);

  it.each([
    [['add', 'nowhere', '--base', 'shop'], 'there is no nowhere'],
    [['add', '.', '--base', 'Shop'], 'A base is named in lower-case letters'],
    [['add', '.'], "required option '--base <name>' not specified"],
    [['find'], "unknown command 'find' of knowledge; there are add, search, list, remove"],
  ])('called wrongly as %j ends with code 2', async (args, message) => {
    const ran = await turnstream(['knowledge', ...args, ...(args[0] === 'find' ? [] : ['--tenant', 'acme'])]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(message);
  });
});
