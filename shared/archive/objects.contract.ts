import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from './objects.ts';

/** What every store of objects has to do. */
export function describeObjectStore(
  name: string,
  start: () => Promise<{ readonly store: ObjectStore; readonly stop: () => Promise<void> }>,
): void {
  describe(`objects in ${name}`, () => {
    let store: ObjectStore;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      ({ store, stop } = await start());
    });
    afterAll(() => stop());

    const bytes = (text: string) => new TextEncoder().encode(text);
    const textOf = async (object: string) => {
      const found = await store.get(object);
      return found && new TextDecoder().decode(found);
    };

    it('are read as they were written, byte for byte', async () => {
      const all = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
      await store.put('tenant=acme/day=2026-02-03/1-900-0a1b.parquet', all);
      expect(
        Buffer.from(all).equals((await store.get('tenant=acme/day=2026-02-03/1-900-0a1b.parquet')) ?? bytes('')),
      ).toBe(true);
    });

    it('that nobody wrote are not there', async () => {
      expect(await store.get('tenant=acme/day=2026-02-03/none.parquet')).toBeUndefined();
      expect(await store.get('none')).toBeUndefined();
    });

    it('replace what has their name', async () => {
      await store.put('a/twice', bytes('one, and longer'));
      await store.put('a/twice', bytes('two'));
      expect(await textOf('a/twice')).toBe('two');
    });

    it('written at once under one name are one of them as a whole', async () => {
      const versions = Array.from({ length: 8 }, (_, i) => String(i).repeat(200_000));
      await Promise.all(versions.map((v) => store.put('a/raced', bytes(v))));
      expect(versions).toContain(await textOf('a/raced'));
    });

    it('can be removed, more than once', async () => {
      await store.put('a/removed', bytes('x'));
      await store.remove('a/removed');
      await store.remove('a/removed');
      expect(await store.get('a/removed')).toBeUndefined();
    });

    it('may be empty', async () => {
      await store.put('a/empty', bytes(''));
      expect(await textOf('a/empty')).toBe('');
    });
  });
}
