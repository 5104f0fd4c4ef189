import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { groupsOf } from '../../functions/index.ts';
import { below } from '../lib/bench.ts';
import { cpuMicros } from '../lib/cpu.ts';
import { DONE } from '../../shared/runtime/http.ts';
import { customers } from './customers.ts';
import { ground, startRelay, type Part } from './stand.ts';

const PER_SECOND = 1_000;
const SESSIONS = 4_000;

/** What the relay itself costs: functions that have nothing to do, and events at a constant rate. */
export const overhead: Part = async (around) => {
  const { context, atEnd } = around;
  const on = await ground('chained', around);
  let answered = 0;
  const idle = createServer((request, response) => {
    request.resume().once('end', () => {
      answered++;
      response.writeHead(204, { [DONE]: request.headers['ce-position'] }).end();
    });
  });
  await new Promise<void>((resolve) => idle.listen(0, '127.0.0.1', resolve));
  atEnd(() => idle.close());
  const groups = groupsOf('chained');
  const relay = await startRelay(on, groups, { turn: `http://127.0.0.1:${(idle.address() as AddressInfo).port}` });
  atEnd(() => relay.stop());
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  const say = async (from: number, count: number) => {
    const began = answered;
    for (let i = 0; i < count; i++) {
      const session = sessions[(from + i) % sessions.length];
      if (session) void people.say(session);
      if (i % 10 === 9) await delay((10 / PER_SECOND) * 1_000);
    }
    while (answered - began < count) await delay(5);
  };
  await say(0, 1_000);
  const count = context.quick ? 2_000 : 20_000;
  const before = cpuMicros(relay.pid);
  await say(1_000, count);
  const micros = (cpuMicros(relay.pid) - before) / count;
  return [{ name: 'relay, processor time for a delivery', value: micros, unit: 'µs', goal: below(150) }];
};
