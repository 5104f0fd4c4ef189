import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver, type Behaviour, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { ACK_WAIT_MS } from '../../shared/runtime/durable.fixture.ts';
import type { RelayState } from '../../shared/telemetry/metrics.ts';
import { incoming, newSession, opening } from '../../shared/testing/rig.ts';
import type { RelayOptions } from './host.ts';
import { done, sessions, startRig, type Rig } from './rig.fixture.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };
const ANY_UTTERANCE = 'conv.*.*.*.utterance.received';

let rig: Rig;
let receiver: Receiver;
let relays: Running[] = [];
beforeAll(async () => {
  rig = await startRig();
});
afterEach(async () => {
  receiver.behave(done);
  receiver.hangUp();
  await Promise.all(relays.map((r) => r.stop()));
  relays = [];
  await receiver.close();
});
afterAll(() => rig.stop());

/** A function that behaves so, a relay to it, and these events for it. */
async function relaying(behaviour: Behaviour, said: readonly Stored[], over: Partial<RelayOptions> = {}) {
  receiver = await startReceiver(behaviour);
  const group = await rig.durable(ANY_UTTERANCE, said[0]?.position ?? 1);
  const start = async () => {
    const relay = await rig.relay({ [group]: receiver.url }, over);
    relays.push(relay);
    return relay;
  };
  return { group, start, relay: await start() };
}
const one = () => rig.say(newSession(), 1);
const posted = () => receiver.received.filter(({ path }) => path === '/hook');
const attempts = () => posted().map(({ headers }) => Number(headers['ce-attempt']));
const positions = () => posted().map(({ headers }) => Number(headers['ce-position']));
const settled = (group: string) => expect.poll(() => rig.open(group), PATIENCE).toBe(0);

const html: Behaviour = (response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome</body></html>');
const status =
  (code: number): Behaviour =>
  (response) =>
    response.writeHead(code).end();
const cutOff: Behaviour = (response) => response.socket?.destroy();
const halfWay: Behaviour = (response) => {
  response.writeHead(202, { 'content-length': '100' });
  response.write('half', () => response.socket?.destroy());
};
const endless: Behaviour = (response) => {
  response.writeHead(200);
  const more = () => {
    if (response.writable) response.write('x'.repeat(1 << 16), more);
  };
  more();
};
const silent: Behaviour = () => undefined;
const elsewhere: Behaviour = (response) => response.writeHead(307, { location: '/elsewhere' }).end();

/** The first `count` times so, then as it should. */
const atFirst =
  (count: number, behaviour: Behaviour): Behaviour =>
  (response, nth, received) => {
    (nth <= count ? behaviour : done)(response, nth, received);
  };

describe('an answer that does not say that the event is done', () => {
  it.each<[string, Behaviour, readonly number[]]>([
    ['a page', html, [1, 2, 2]],
    ['an empty body', status(200), [1, 2, 2]],
    ['202 of a queue on the way', status(202), [1, 2, 2]],
    ['202 that breaks off', halfWay, [1, 2, 2]],
    ['404', status(404), [1, 2, 2]],
    ['413', status(413), [1, 2, 2]],
    ['503', status(503), [1, 2, 2]],
    ['a redirect', elsewhere, [1, 2, 2]],
    ['an answer without end', endless, [1, 2, 2]],
    ['500', status(500), [1, 2, 3]],
    ['a connection that ends', cutOff, [1, 2, 3]],
    ['nothing at all', silent, [1, 2, 3]],
  ])('%s: it comes again until it is', async (_what, behaviour, expected) => {
    const { group } = await relaying(atFirst(2, behaviour), await one(), { deadlineMs: 200 });
    await settled(group);
    // What may have killed its process counts as begun; what was not taken is only known to have been tried.
    expect(attempts()).toEqual(expected);
    expect(await rig.letters(group)).toBe(0);
    expect(receiver.received.filter(({ path }) => path === '/elsewhere')).toEqual([]);
  });

  it('after the deadline: the event has come again by then, and is acknowledged for what was done in time', async () => {
    const late: Behaviour = (response, nth, received) => {
      setTimeout(() => {
        done(response, nth, received);
      }, 300);
    };
    const { group } = await relaying(atFirst(1, late), await one(), { deadlineMs: 100 });
    await settled(group);
    expect(attempts()).toEqual([1, 2]);
  });

  it('ever: attempts are counted, so that the function can give up', async () => {
    const { group } = await relaying(
      (response, nth, received) => {
        (Number(received.headers['ce-attempt']) <= 4 ? cutOff : done)(response, nth, received);
      },
      await one(),
    );
    await settled(group);
    expect(attempts()).toEqual([1, 2, 3, 4, 5]);
  });
});

it('an event that the function calls unusable is kept for an operator, and no other notices', async () => {
  const [ref, other] = [newSession(), newSession()];
  const said = [...(await rig.say(ref, 1)), ...(await rig.say(other, 1))];
  const [first] = said;
  const { group } = await relaying((response, nth, received) => {
    if (received.headers['ce-position'] !== String(first?.position)) {
      done(response, nth, received);
      return;
    }
    const problem = { type: 'urn:turnstream:problem:unusable-event', title: 'No', code: 'event.unreadable' };
    response.writeHead(422, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  }, said);
  await settled(group);
  expect(await rig.letters(group)).toBe(1);
  expect(positions()).toHaveLength(2);
});

it('Retry-After is honoured', async () => {
  const busy: Behaviour = (response) => response.writeHead(429, { 'retry-after': '1' }).end();
  const times: number[] = [];
  const { group } = await relaying(
    (response, nth, received) => {
      times.push(performance.now());
      atFirst(1, busy)(response, nth, received);
    },
    await one(),
  );
  await settled(group);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
});

it('a session’s events are posted one after the other, also where one has to be tried again', async () => {
  let active = 0;
  let most = 0;
  const said = await rig.say(newSession(), 4);
  const { group } = await relaying((response, nth, received) => {
    most = Math.max(most, ++active);
    setImmediate(() => {
      active--;
      (nth === 1 || nth === 3 ? status(503) : done)(response, nth, received);
    });
  }, said);
  await settled(group);
  const [a, b, c, d] = said.map(({ position }) => position);
  expect(positions()).toEqual([a, a, b, b, c, d]);
  expect(most).toBe(1);
});

it('no more requests are under way than allowed, whatever waits', async () => {
  let most = 0;
  let active = 0;
  const said = (await Promise.all(sessions(40).map((ref) => rig.say(ref, 1)))).flat();
  const first = said.toSorted((a, b) => a.position - b.position);
  const { group } = await relaying(
    (response, nth, received) => {
      most = Math.max(most, ++active);
      setTimeout(() => {
        active--;
        done(response, nth, received);
      }, 5);
    },
    first,
    { concurrency: 4 },
  );
  await settled(group);
  expect(most).toBe(4);
  expect(new Set(positions()).size).toBe(40);
});

it('a function that is down is left alone, which metrics tell, and gets everything once it is back', async () => {
  let states: () => readonly RelayState[] = () => [];
  const labels: string[] = [];
  const watch: RelayOptions['watch'] = {
    relayed: (_group, answer) => void labels.push(answer),
    watchRelay: (ask) => (states = ask),
  };
  const said = (await Promise.all(sessions(60).map((ref) => rig.say(ref, 1)))).flat();
  const first = said.toSorted((a, b) => a.position - b.position);
  const { group } = await relaying(status(404), first, { watch, concurrency: 40 });
  await expect.poll(() => states()[0]?.breaker, PATIENCE).toBe('open');
  await expect.poll(() => states()[0]?.breaker, { timeout: 5_000, interval: 1 }).toBe('half-open');
  const [before, began] = [receiver.received.length, performance.now()];
  await expect.poll(() => receiver.received.length, PATIENCE).toBeGreaterThanOrEqual(before + 3);
  // One request in half a second finds out whether it is back.
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(states()).toMatchObject([{ group, inFlight: 40, waiting: 0 }]);
  receiver.behave(done);
  await settled(group);
  expect(new Set(positions()).size).toBe(60);
  expect(states()).toMatchObject([{ inFlight: 0, waiting: 0, breaker: 'closed' }]);
  expect(new Set(labels)).toEqual(new Set(['404', '204']));
});

describe('a relay that is stopped', () => {
  it('finishes what it has begun and gives back the rest at once, for another one', async () => {
    const held: (() => void)[] = [];
    const said = await rig.say(newSession(), 1);
    const more = (await Promise.all(sessions(29).map((ref) => rig.say(ref, 1)))).flat();
    const { group, relay, start } = await relaying(
      (response, nth, received) => {
        held.push(() => {
          done(response, nth, received);
        });
      },
      [...said, ...more],
      { concurrency: 5 },
    );
    await expect.poll(() => held.length, PATIENCE).toBe(5);
    receiver.behave((response, nth, received) => {
      done(response, nth, received);
    });
    const began = performance.now();
    const stopping = relay.stop();
    await start();
    await expect.poll(() => rig.open(group), PATIENCE).toBe(5);
    expect(performance.now() - began).toBeLessThan(ACK_WAIT_MS / 2);
    for (const release of held) release();
    await stopping;
    await settled(group);
    const all = positions();
    expect(all).toHaveLength(30);
    expect(new Set(all).size).toBe(30);
  });
});

describe('a session that is opened', () => {
  it('warms every function that all turns need once, before anything is said, and then what some need', async () => {
    const held: (() => void)[] = [];
    receiver = await startReceiver((response, nth) => {
      const answer = () => void response.writeHead(204).end();
      if (nth > 2) answer();
      else held.push(answer);
    });
    const from = (await one())[0]?.position ?? 1;
    const durable = () => rig.durable(ANY_UTTERANCE, from + 1);
    const [a, b, some, few] = [await durable(), await durable(), await durable(), await durable()];
    const url = `http://127.0.0.1:${receiver.port}`;
    const targets = { [a]: `${url}/a`, [b]: `${url}/b`, [some]: `${url}/some`, [few]: `${url}/few` };
    relays.push(await rig.relay(targets, { later: [some], seldom: [few] }));
    const open = () => rig.log.append(incoming(newSession(), opening()), 0);
    await open();
    const paths = () => receiver.received.map(({ path }) => path).toSorted();
    await expect.poll(paths, PATIENCE).toEqual(['/a/warm', '/b/warm']);
    for (const answer of held) answer();
    await expect.poll(paths, PATIENCE).toEqual(['/a/warm', '/b/warm', '/some/warm']);
    expect(receiver.received[0]?.headers['ce-type']).toBe('session.opened');
    // More sessions of the same tenant warm nothing that is warm, and another tenant's may need another bot.
    await Promise.all(Array.from({ length: 20 }, open));
    await rig.log.append(incoming(newSession('other' as SessionRef['tenant']), opening()), 0);
    const tenants = () => receiver.received.map(({ headers }) => headers['ce-tenant']).toSorted();
    await expect.poll(tenants, PATIENCE).toEqual(['acme', 'acme', 'acme', 'other', 'other', 'other']);
  });
});
