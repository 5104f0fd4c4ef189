import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startActivator, type Activator, type ActivatorOptions } from './activator.ts';
import type { Faults } from './chance.ts';
import type { Pod } from './pods.ts';

let activator: Activator | undefined;
let server: Server | undefined;
afterEach(async () => {
  await activator?.close();
  server?.closeAllConnections();
  server?.close();
});

/** A pod that answers when it is let; `asked`: what it was asked so far. */
async function pod() {
  const held: (() => void)[] = [];
  let asked = 0;
  let [active, most] = [0, 0];
  server = createServer((request, response) => {
    asked++;
    most = Math.max(most, ++active);
    request.resume();
    held.push(() => {
      active--;
      response.writeHead(202, { 'turnstream-done': request.headers['ce-position'] ?? '' }).end();
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const child = { name: 'pod', pid: 1, ready: '', stop: () => Promise.resolve(), kill: () => Promise.resolve() };
  const letGo = () => {
    for (const release of held.splice(0)) release();
  };
  return { pod: { url, child, active: 0 } satisfies Pod, asked: () => asked, most: () => most, letGo };
}

async function before(ready: () => readonly Pod[], over: Partial<ActivatorOptions> = {}) {
  activator = await startActivator({
    ready,
    settled: () => activator?.dispatch(),
    containerConcurrency: 2,
    fate: () => undefined,
    onFirst: () => undefined,
    ...over,
  });
  const { url } = activator;
  return () => fetch(url, { method: 'POST', headers: { 'ce-position': '7' }, body: '{}' });
}

it('keeps what comes until there is a pod, and says at once that one is wanted', async () => {
  const one = await pod();
  const pods: Pod[] = [];
  let wanted = 0;
  const post = await before(() => pods, { onFirst: () => wanted++ });
  const answers = [post(), post()];
  await expect.poll(() => wanted).toBe(1);
  pods.push(one.pod);
  activator?.dispatch();
  await expect.poll(one.asked).toBe(2);
  one.letGo();
  const [first] = await Promise.all(answers);
  expect(first?.status).toBe(202);
  expect(first?.headers.get('turnstream-done')).toBe('7');
  expect(activator?.averageConcurrency()).toBeGreaterThan(0);
});

it('gives a container no more at a time than it takes', async () => {
  const one = await pod();
  const post = await before(() => [one.pod]);
  const answers = Array.from({ length: 7 }, post);
  const letting = expect
    .poll(() => {
      one.letGo();
      return one.asked();
    })
    .toBe(7);
  await letting;
  one.letGo();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 202));
  expect(one.most()).toBe(2);
});

it('says 502 for a pod that is gone', async () => {
  const one = await pod();
  server?.close();
  const post = await before(() => [one.pod]);
  expect((await post()).status).toBe(502);
});

it.each<[keyof Faults, number | undefined, number]>([
  ['refused', 503, 0],
  ['droppedBefore', undefined, 0],
  ['droppedAfter', undefined, 1],
  ['doubled', 202, 2],
])('%s: answers %s, and the function is asked %i times', async (fate, status, times) => {
  const one = await pod();
  const post = await before(() => [one.pod], { fate: () => fate });
  const answer = post().then(
    (response) => response.status,
    () => undefined,
  );
  if (times > 0) await expect.poll(one.asked).toBe(times);
  one.letGo();
  expect(await answer).toBe(status);
  expect(one.asked()).toBe(times);
});
