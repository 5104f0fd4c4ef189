import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/nats-core';
import { asrRole, brokerUser, gatewayRole, inboxOf, operatorRole } from '../shared/access/roles.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { provision } from '../shared/log/provision.ts';
import { partialSubject } from '../shared/speech/chunk.ts';
import { partialsIn } from '../shared/speech/partials.ts';
import { newCall } from '../shared/speech/audio-log.contract.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import type { TenantId } from '../events/envelope.ts';
import { ACME, clientIn, gatewayOn } from './gateway/gateway.fixture.ts';
import { readSse } from './gateway/sse.fixture.ts';

// Whoever listens to a call announces words; whoever looks on gets them. Each with the permissions of its own role.

const ROLES = [asrRole, gatewayRole, operatorRole];

let broker: TestServer;
let asr: NatsConnection;
let gateway: ReturnType<typeof gatewayOn>;
const as = ({ user }: { readonly user: string }) => broker.nc({ user, pass: user, inboxPrefix: inboxOf(user) });
beforeAll(async () => {
  broker = await startBroker({ users: ROLES.map((role) => brokerUser(role, role.user)) });
  await provision(await as(operatorRole), { replicas: 1, durables: [] });
  asr = await as(asrRole);
  const nc = await as(gatewayRole);
  gateway = gatewayOn(jetstreamLog(nc), { partials: partialsIn(nc) });
});
afterAll(async () => {
  await gateway.close();
  await broker.stop();
});

it('shows the words of a caller to whoever looks on and wants that, while they are spoken', async () => {
  const { session } = (await clientIn(gateway).post('/v1/sessions', {})).body;
  const look = async (query: string) => {
    const headers = { authorization: `Bearer ${ACME}`, accept: 'text/event-stream' };
    const { body } = await gateway.app.request(`/v1/sessions/${session}/events${query}`, { headers });
    if (!body) throw new Error('no stream');
    return readSse(body);
  };
  const [looking, other] = [await look('?partials=true'), await look('')];
  const { call } = newCall();
  const ref = { tenant: 'acme' as TenantId, session, call };
  const say = (text: string) => {
    asr.publish(partialSubject(ref), JSON.stringify({ utterance: 1, text }));
  };
  asr.publish(partialSubject(ref), 'nonsense');
  asr.publish(
    partialSubject({ ...newCall(), tenant: ref.tenant }),
    JSON.stringify({ utterance: 1, text: 'elsewhere' }),
  );
  say('where is');
  say('where is my parcel');
  const partial = (text: string) => `event: partial\ndata: ${JSON.stringify({ call, utterance: 1, text })}\n\n`;
  await expect.poll(() => looking.text).toContain(partial('where is my parcel'));
  expect(looking.text).toContain(partial('where is'));
  expect(looking.text.match(/event: partial/gu)).toHaveLength(2);
  // An event of the session comes after them to both, so the other has had the time.
  await clientIn(gateway).post(`/v1/sessions/${session}/events`, { type: 'utterance.received', data: { text: 'hi' } });
  await expect.poll(() => other.events.at(-1)?.data['type']).toBe('utterance.received');
  expect(other.text).not.toContain('partial');
  for (const sse of [looking, other]) await sse.cancel();
});
