import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { follow, framesOf, type FollowState, type SessionEvent } from './page/sse.js';

async function read(chunks: readonly (string | Uint8Array)[]) {
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
  }
  const frames = [];
  for await (const frame of framesOf(body())) frames.push(frame);
  return frames;
}

describe('frames of an event stream', () => {
  it('are read wherever the stream is cut, with every kind of line break', async () => {
    const stream =
      'id: 7\r\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\n: comment\n\nid: 8\ndata:二\n\nid: 9\rdata: z\r\r.';
    const bytes = new TextEncoder().encode(stream);
    const whole = await read([stream]);
    expect(whole).toEqual([
      { id: '7', event: 'a', data: '{"x":\n1}' },
      { id: '8', event: 'message', data: '二' },
      { id: '9', event: 'message', data: 'z' },
    ]);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(await read([bytes.slice(0, cut), bytes.slice(cut)])).toEqual(whole);
    }
  });

  it('that are not finished are not passed on', async () => {
    expect(await read(['id: 1\ndata: {"position"'])).toEqual([]);
  });
});

describe('following a session', () => {
  const stop: (() => void)[] = [];
  afterEach(() => {
    for (const each of stop.splice(0)) each();
  });

  /** A server that answers the n-th connection like this. */
  async function following(...answers: readonly ((response: ServerResponse) => void)[]) {
    const resumedAt: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      resumedAt.push(request.headers['last-event-id'] as string | undefined);
      (answers[resumedAt.length - 1] ?? (() => undefined))(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const controller = new AbortController();
    stop.push(() => {
      controller.abort();
      server.closeAllConnections();
      server.close();
    });
    const events: SessionEvent[] = [];
    const states: FollowState['kind'][] = [];
    void follow({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      headers: () => ({}),
      after: 3,
      signal: controller.signal,
      onEvent: (event) => events.push(event),
      onState: ({ kind }) => states.push(kind),
    });
    return { events, states, resumedAt, positions: () => events.map((e) => e.position) };
  }
  const sent = (...positions: readonly number[]) => {
    return positions.map((position) => `id: ${position}\ndata: ${JSON.stringify({ position })}\n\n`).join('');
  };
  const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

  it('resumes after the last event that came, and passes none on twice', async () => {
    const { positions, resumedAt, states } = await following(
      // Half an event, then the connection is gone.
      (response) => stream(response).write(`${sent(4, 6)}id: 9\ndata: {"posi`, () => response.destroy()),
      (response) => stream(response).write(sent(6, 9, 12)),
    );
    await expect.poll(positions, { timeout: 5_000 }).toEqual([4, 6, 9, 12]);
    expect(resumedAt).toEqual(['3', '6']);
    expect(states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live']);
  });

  it('comes back to a gateway that says that it is busy', async () => {
    const { positions } = await following(
      (response) => response.writeHead(503).end(),
      (response) => stream(response).write(sent(4)),
    );
    await expect.poll(positions, { timeout: 5_000 }).toEqual([4]);
  });

  it('stops where it is refused for good', async () => {
    const { states, resumedAt } = await following((response) => response.writeHead(404).end());
    await expect.poll(() => states).toEqual(['connecting', 'refused']);
    expect(resumedAt).toHaveLength(1);
  });
});
