import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import type { StoredChunk } from '../../shared/speech/chunk.ts';
import { chunksOf, tone } from '../../shared/speech/listening.fixture.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { asrSubject, handOver, type Arrived, type HandOver } from './hand-over.ts';
import type { Listener } from './listener.ts';

/** Less than it waits for one that is busy: who was killed is known before. */
const SOON_MS = 1_000;

let broker: TestServer;
let own: NatsConnection;
let hands: HandOver;
const ref = newCall();
const [, second] = chunksOf(tone(300));
const chunk = { ...second, position: 7, previous: 3 } as StoredChunk;
const arrived: Arrived = { ref, chunk, subject: 'audio.of.the.call', headers: [], body: new Uint8Array() };

/** A process that has nothing at hand, and believes that another one has the call. */
const elsewhere: Listener = {
  reached: () => 0,
  ownerOf: () => Promise.resolve('other'),
  hear: () => Promise.resolve(true),
  close: () => Promise.resolve(),
};

beforeAll(async () => {
  broker = await startBroker();
  own = await broker.nc();
  hands = handOver({ nc: own, self: 'own', listener: elsewhere, read: () => Promise.resolve(undefined) });
});
afterAll(async () => {
  hands.stop();
  await broker.stop();
});
const passedOn = () => hands.passedOn(arrived, new AbortController().signal);

describe('a chunk of a call that another process has at hand', () => {
  it('is taken care of once that process says so', async () => {
    const other = await broker.nc();
    const heard: string[] = [];
    other.subscribe(asrSubject('other'), {
      callback: (_error, m) => {
        heard.push(m.headers?.get('asr-position') ?? '');
        m.respond('taken');
      },
    });
    await other.flush();
    expect(await passedOn()).toBe(true);
    expect(heard).toEqual(['7']);
    await other.close();
  });

  it('comes back soon where that process is gone, or dies with it in its hands', async () => {
    expect(await passedOn()).toBe(false);
    const dying = await broker.nc();
    dying.subscribe(asrSubject('other'), { callback: () => void dying.close() });
    await dying.flush();
    const began = performance.now();
    expect(await passedOn()).toBe(false);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
  });

  it('is waited for where that process is busy', async () => {
    const busy = await broker.nc();
    busy.subscribe(asrSubject('other'), {
      callback: (_error, m) => {
        if (m.headers) setTimeout(() => m.respond('taken'), SOON_MS);
      },
    });
    await busy.flush();
    expect(await passedOn()).toBe(true);
    await busy.close();
  });
});
