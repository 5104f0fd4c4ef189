import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { voiceLine, type VoiceLine } from './page/voice-line.js';

/** The server's side of docs/voice-protocol.md, as far as these tests need it. */
interface Platform {
  readonly url: string;
  /** Sound as it came: the number of each frame and its first byte. */
  readonly frames: (readonly [number: number, first: number])[];
  readonly texts: Record<string, unknown>[];
  readonly sockets: WebSocket[];
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** `has`: the last frame that it says it has, for each socket that opens. */
async function platform(has: (opening: number) => number, refuses = false): Promise<Platform> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  closing.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const frames: Platform['frames'] = [];
  const texts: Record<string, unknown>[] = [];
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    const opening = sockets.length;
    socket.on('message', (data: RawData, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) {
        frames.push([bytes.readUInt32BE(0), bytes[4] ?? 0]);
        return;
      }
      const said = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
      texts.push(said);
      if (said['type'] !== 'open') return;
      if (refuses) socket.send(JSON.stringify({ type: 'stop' }));
      else socket.send(JSON.stringify({ type: 'opened', stream: 's1', lastSeq: has(opening) }));
    });
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, frames, texts, sockets };
}

interface Listened {
  readonly line: VoiceLine;
  readonly told: string[];
}

function calling(at: Platform): Listened {
  const told: string[] = [];
  const note =
    (name: string) =>
    (...args: readonly unknown[]) =>
      void told.push([name, ...args].join(' '));
  const line = voiceLine({
    url: () => Promise.resolve(at.url),
    format: { codec: 'l16', rate: 16_000 },
    on: {
      opened: note('opened'),
      sound: note('sound'),
      mark: note('mark'),
      clear: note('clear'),
      pause: note('pause'),
      resume: note('resume'),
      partial: note('partial'),
      away: note('away'),
      ended: note('ended'),
    },
  });
  closing.push(line.stop);
  return { line, told };
}
const frame = (number: number, first: number) => Uint8Array.of(0, 0, 0, number, first, 0);

it('sends what was said before it was open, once it is, and numbers it', async () => {
  const at = await platform(() => 0);
  const { line, told } = calling(at);
  line.send(Uint8Array.of(7, 0));
  line.press('5');
  await expect.poll(() => at.frames).toEqual([[1, 7]]);
  line.send(Uint8Array.of(8, 0));
  await expect
    .poll(() => at.frames)
    .toEqual([
      [1, 7],
      [2, 8],
    ]);
  expect(at.texts).toEqual([
    { type: 'open', format: { codec: 'l16', rate: 16_000 } },
    { type: 'dtmf', digit: '5' },
  ]);
  expect(told).toEqual(['opened s1 false']);
});

it('comes back after a lost socket: what the platform does not have is sent again, and nothing is heard twice', async () => {
  const at = await platform((opening) => (opening === 1 ? 0 : 2));
  const { line, told } = calling(at);
  await expect.poll(() => told).toEqual(['opened s1 false']);
  at.sockets[0]?.send(frame(1, 10));
  at.sockets[0]?.send(frame(2, 11));
  for (const first of [1, 2, 3]) line.send(Uint8Array.of(first, 0));
  await expect.poll(() => at.frames.length).toBe(3);
  await expect.poll(() => told.length).toBe(3);
  at.sockets[0]?.terminate();
  await expect.poll(() => told.at(-1)).toBe('away');
  line.send(Uint8Array.of(4, 0));
  line.mark('m1');
  await expect.poll(() => told.at(-1)).toBe('opened s1 true');
  at.sockets[1]?.send(frame(2, 11));
  at.sockets[1]?.send(frame(3, 12));
  await expect.poll(() => told.at(-1)).toBe('sound 12,0');
  expect(told.filter((text) => text.startsWith('sound'))).toEqual(['sound 10,0', 'sound 11,0', 'sound 12,0']);
  expect(at.frames.slice(3)).toEqual([
    [3, 3],
    [4, 4],
  ]);
  await expect
    .poll(() => at.texts.slice(1))
    .toEqual([
      { type: 'open', format: { codec: 'l16', rate: 16_000 }, resume: { stream: 's1', lastSeq: 2, mark: 'm1' } },
      { type: 'mark', name: 'm1' },
    ]);
});

it('keeps nothing that the platform says it has', async () => {
  const at = await platform(() => 0);
  const { line, told } = calling(at);
  await expect.poll(() => told).toEqual(['opened s1 false']);
  for (const first of [1, 2, 3]) line.send(Uint8Array.of(first, 0));
  at.sockets[0]?.send(JSON.stringify({ type: 'have', lastSeq: 2 }));
  at.sockets[0]?.send(JSON.stringify({ type: 'partial', utterance: 1, text: 'where' }));
  await expect.poll(() => told.at(-1)).toBe('partial 1 where');
  line.drop();
  await expect.poll(() => told.at(-1)).toBe('opened s1 true');
  await expect.poll(() => at.frames.slice(3)).toEqual([[3, 3]]);
});

it.each([
  ['refused', 'refused', true, {}],
  ['ended by the platform', 'stopped', false, { type: 'stop' }],
  ['transferred', 'transferred', false, { type: 'transfer', to: '+44 20' }],
])('says that the call was %s, once, and does not come back', async (_, reason, refuses, last) => {
  const at = await platform(() => 0, refuses);
  const { told } = calling(at);
  if (!refuses) {
    await expect.poll(() => told).toEqual(['opened s1 false']);
    at.sockets[0]?.send(JSON.stringify(last));
  }
  await expect.poll(() => told.at(-1)).toBe(`ended ${reason}`);
  await expect.poll(() => at.sockets[0]?.readyState).toBe(WebSocket.CLOSED);
  expect(told.filter((text) => text.startsWith('ended'))).toHaveLength(1);
  expect(at.sockets).toHaveLength(1);
});

it('is refused where nobody takes calls', async () => {
  const { told } = calling({ url: 'ws://127.0.0.1:9', frames: [], texts: [], sockets: [] });
  await expect.poll(() => told).toEqual(['ended refused']);
});
