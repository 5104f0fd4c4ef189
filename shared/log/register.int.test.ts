import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { provision } from './provision.ts';
import { register, type Register } from './register.ts';
import { KEYS } from './streams.ts';

let server: TestServer;
let entries: Register;
beforeAll(async () => {
  server = await startBroker();
  const nc = await server.nc();
  await provision(nc, { replicas: 1, durables: [] });
  entries = register(nc, KEYS);
});
afterAll(() => server.stop());

const text = (entry: { readonly data: Uint8Array } | undefined) => entry && Buffer.from(entry.data).toString();

it('holds the newest of each subject', async () => {
  expect(await entries.read('key.a.1')).toBeUndefined();
  expect(await entries.glance('key.a.1')).toBeUndefined();
  await entries.put('key.a.1', 'one');
  await entries.put('key.a.2', 'two');
  const position = await entries.put('key.a.1', 'three');
  expect(text(await entries.read('key.a.1'))).toBe('three');
  expect(text(await entries.glance('key.a.1'))).toBe('three');
  expect((await entries.read('key.a.1'))?.position).toBe(position);
});

it('lets a change in only on top of what it was made for', async () => {
  const first = await entries.write('key.b.1', 'one', 0);
  expect(first).toBeGreaterThan(0);
  expect(await entries.write('key.b.1', 'other', 0)).toBeUndefined();
  expect(await entries.write('key.b.1', 'two', first ?? 0)).toBeGreaterThan(first ?? 0);
  expect(await entries.write('key.b.1', 'other', first ?? 0)).toBeUndefined();
  expect(text(await entries.read('key.b.1'))).toBe('two');
});

it('shreds, and it does not matter how often', async () => {
  const position = await entries.put('key.c.1', 'secret');
  await entries.shred(position);
  await entries.shred(position);
  await entries.shred(1_000_000);
  expect(await entries.read('key.c.1')).toBeUndefined();
});

it('clears and lists subjects', async () => {
  await entries.put('key.d.1', 'one');
  await entries.put('key.d.2', 'two');
  await entries.clear('key.d.1');
  await entries.clear('key.d.1');
  expect(await entries.subjects('key.d.*')).toEqual(['key.d.2']);
  expect(await entries.subjects('key.none.*')).toEqual([]);
});
