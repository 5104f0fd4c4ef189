import { expect, it } from 'vitest';
import { checkSession } from '../../shared/verify/invariants.ts';
import { WAIT } from './calls.fixture.ts';
import { saying } from './platform.fixture.ts';
import { stage } from './stage.fixture.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';
import { turnstreamClient } from './testing/gateway-turnstream.ts';

const { platform, calls } = stage();

it('goes on with a call of our own clients whose socket was lost, in the middle of a word', async () => {
  const way = await calls.way('turnstream');
  const client = turnstreamClient();
  await calls.greeted(client, way);
  void client.speak(saying('where is my parcel', 1_200, 16_000));
  await expect.poll(() => calls.told(way), WAIT).toContain('speech.started');
  const heardMs = client.nowMs;
  await expect.poll(() => client.nowMs, WAIT).toBeGreaterThan(heardMs + 500);
  client.vanish();
  await client.connect(await calls.wayBack());
  await expect.poll(() => calls.told(way), WAIT).toContain('turn.replied What is your order number?');
  client.hangUp();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
  const story = await calls.told(way);
  expect(story.filter((line) => /^call\.(?:started|ended)/u.test(line))).toEqual([
    'call.started',
    'call.ended hung-up',
  ]);
  expect(story.filter((line) => line.startsWith('speech.transcribed'))).toEqual([
    'speech.transcribed where is my parcel',
  ]);
}, 30_000);

it('goes on while the log is restarted: nothing that was said is lost', async () => {
  const way = await calls.way('twilio');
  const gateway = twilioGateway();
  await calls.greeted(gateway, way);
  const spoken = gateway.speak(saying('where is my parcel', 2_000));
  await expect.poll(() => calls.told(way), WAIT).toContain('speech.started');
  await platform().broker.restart();
  await spoken;
  await expect.poll(() => calls.told(way).catch(() => []), WAIT).toContain('turn.replied What is your order number?');
  gateway.hangUp();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
  expect(checkSession(await platform().story(way.ref))).toEqual([]);
}, 40_000);
