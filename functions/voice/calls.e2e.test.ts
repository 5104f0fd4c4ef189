import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionId } from '../../events/envelope.ts';
import type { Snapshot } from '../../events/fields.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { TENANT } from '../../shared/testing/rig.ts';
import type { DialogueState } from '../../shared/session/state.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { coughing, saying, startCallPlatform, type CallPlatform } from './platform.fixture.ts';
import type { RunningVoice } from './start.ts';
import { audioSocketGateway } from './testing/gateway-audiosocket.ts';
import { asteriskGateway } from './testing/gateway-asterisk.ts';
import { jambonzGateway } from './testing/gateway-listen.ts';
import { vonageGateway } from './testing/gateway-vonage.ts';
import { telnyxGateway, twilioGateway } from './testing/gateway-twilio.ts';
import { turnstreamClient } from './testing/gateway-turnstream.ts';
import type { ScriptedGateway } from './testing/gateway.ts';

const WAIT = { timeout: 15_000, interval: 20 };

let platform: CallPlatform;
let voice: RunningVoice;
beforeAll(async () => {
  platform = await startCallPlatform();
  voice = await platform.voice();
});
afterAll(() => platform.stop());

const textOf = ({ data }: Stored['envelope']): string => {
  const { text, messages, heard, reason, digits } = data as Record<string, unknown>;
  const said = (messages as readonly { text: string }[] | undefined)?.map((m) => m.text).join(' ');
  return [text, said, digits, heard, reason].filter((part) => typeof part === 'string' && part !== '').join(' · ');
};
const lines = (stored: readonly Stored[]): readonly string[] =>
  stored.map(({ envelope }) => `${envelope.type} ${textOf(envelope)}`.trim());

/** A way in for one call, and the session that it opens. */
interface Way {
  readonly url: string;
  readonly ref: SessionRef;
}
/** The story of a call, as lines. */
const told = async ({ ref }: Way): Promise<readonly string[]> => lines(await platform.story(ref));
async function ticketed(gateway: string): Promise<Way> {
  const { ticket } = await platform.tickets.make({ tenant: TENANT, locale: 'en' });
  const { jti = '' } = (await platform.tickets.check(ticket)) ?? {};
  const session = incomingId('session', TENANT, '', jti) as string as SessionId;
  return {
    url: `${voice.url.replace('http', 'ws')}/v1/voice/${gateway}?ticket=${ticket}`,
    ref: { tenant: TENANT, session },
  };
}

/** A caller asks for a parcel, is asked for the number and says it. */
async function wholeCall(gateway: ScriptedGateway, way: Way, rate = 8_000): Promise<readonly string[]> {
  await gateway.connect(way.url);
  await expect.poll(() => told(way), WAIT).toContain('playback.completed');
  await gateway.speak(saying('where is my parcel', 600, rate));
  await expect.poll(() => told(way), WAIT).toContain('turn.replied What is your order number?');
  await expect.poll(async () => (await told(way)).filter((l) => l === 'playback.completed').length, WAIT).toBe(2);
  await gateway.speak(saying('my order is TS12345678', 600, rate));
  await expect.poll(async () => (await told(way)).filter((l) => l === 'playback.completed').length, WAIT).toBe(3);
  gateway.hangUp();
  await expect.poll(() => told(way), WAIT).toContain('call.ended hung-up');
  return told(way);
}

const spokenOf = (story: readonly string[]) =>
  story.filter((line) => /^(?:call|speech|utterance|turn|playback|session)\./u.test(line));

describe('a whole call', () => {
  const gateways: [string, () => ScriptedGateway, number?][] = [
    ['twilio', () => twilioGateway()],
    ['telnyx', () => telnyxGateway()],
    ['asterisk', () => asteriskGateway()],
    ['jambonz', () => jambonzGateway()],
    ['vonage', () => vonageGateway(), 16_000],
    ['turnstream', () => turnstreamClient(), 16_000],
  ];
  const oneCall = async ([name, make, rate]: (typeof gateways)[number]): Promise<void> => {
    const gateway = make();
    const way = await ticketed(name);
    const story = await wholeCall(gateway, way, rate);
    expect(spokenOf(story)).toEqual([
      'session.opened',
      'call.started',
      'playback.completed',
      'speech.started',
      'speech.transcribed where is my parcel',
      'utterance.received where is my parcel',
      'turn.replied What is your order number?',
      'playback.completed',
      'speech.started',
      'speech.transcribed my order is TS12345678',
      'utterance.received my order is TS12345678',
      'turn.replied Parcel TS12345678 is on its way.',
      'playback.completed',
      'call.ended hung-up',
    ]);
    const [newest] = (await platform.sessions()).slice(-1);
    expect(newest && checkSession(await platform.story(newest))).toEqual([]);
    // All three were heard, whole, one after the other.
    const lengths = gateway.heard().map(({ fromMs, toMs }) => toMs - fromMs);
    expect(lengths.length).toBe(3);
    for (const [i, text] of ['Hello!', 'What is your order number?', 'Parcel TS12345678 is on its way.'].entries()) {
      expect(Math.abs((lengths[i] ?? 0) - text.length * 60)).toBeLessThanOrEqual(100);
    }
  };
  it(`over ${gateways.map(([name]) => name).join(', ')}: what was said, decided, answered and heard is told`, async () => {
    await Promise.all(gateways.map(oneCall));
  }, 40_000);

  it('over AudioSocket, whose id is its ticket', async () => {
    const { uuid } = platform.tickets.makeShort(TENANT);
    const session = incomingId('session', TENANT, '', uuid) as string as SessionId;
    const way: Way = { url: `tcp://127.0.0.1:${voice.audioSocketPort}`, ref: { tenant: TENANT, session } };
    const gateway = audioSocketGateway(uuid);
    await gateway.connect(way.url);
    await expect.poll(() => told(way), WAIT).toContain('playback.completed');
    gateway.hangUp();
    await expect.poll(() => told(way), WAIT).toContain('call.ended hung-up');
    expect(gateway.heard().length).toBe(1);
  }, 20_000);
});

describe('who speaks over the bot', () => {
  it('is heard: playing stops, and the log says which words were heard', async () => {
    const way = await ticketed('twilio');
    const gateway = twilioGateway();
    await gateway.connect(way.url);
    await expect.poll(() => told(way), WAIT).toContain('playback.completed');
    await gateway.speak(saying('where is my parcel'));
    await expect.poll(() => told(way), WAIT).toContain('turn.replied What is your order number?');
    const already = gateway.heard().length;
    await expect.poll(() => gateway.heard().length, WAIT).toBeGreaterThan(already);
    await gateway.wait(400);
    await gateway.speak(saying('my order is TS12345678', 900));
    const interrupted = (line: string) => line.startsWith('playback.interrupted');
    await expect.poll(async () => (await told(way)).some(interrupted), WAIT).toBe(true);
    const [words = ''] = (await told(way)).filter(interrupted);
    expect(words).toMatch(/^playback\.interrupted What (?:is|is your|is your order) · spoken-over$/u);
    await expect.poll(() => told(way), WAIT).toContain('turn.replied Parcel TS12345678 is on its way.');
    expect(await told(way)).not.toContain('playback.resumed');
    // What was decided next was decided by somebody who knew.
    const decided = (await platform.story(way.ref)).findLast(({ envelope }) => envelope.type === 'policy.decided');
    const { state } = (decided?.envelope.data as { snapshot: Snapshot }).snapshot;
    const { heard } = (state as unknown as DialogueState).told ?? {};
    expect(words).toBe(`playback.interrupted ${heard?.words ?? ''} · spoken-over`);
    gateway.hangUp();
  }, 30_000);

  it('with a cough only does not stop it: it goes on from where it was', async () => {
    const way = await ticketed('twilio');
    const gateway = twilioGateway();
    await gateway.connect(way.url);
    await expect.poll(() => told(way), WAIT).toContain('playback.completed');
    await gateway.speak(saying('where is my parcel'));
    await expect.poll(() => told(way), WAIT).toContain('turn.replied What is your order number?');
    const already = gateway.heard().length;
    await expect.poll(() => gateway.heard().length, WAIT).toBeGreaterThan(already);
    await gateway.speak(coughing());
    await expect.poll(() => told(way), WAIT).toContain('playback.resumed');
    await expect.poll(async () => (await told(way)).at(-1), WAIT).toBe('playback.completed');
    const story = await told(way);
    expect(story.filter((l) => l.startsWith('utterance.received')).length).toBe(1);
    const ms = gateway
      .heard()
      .slice(already)
      .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    expect(Math.abs(ms - 'What is your order number?'.length * 60)).toBeLessThan(400);
    gateway.hangUp();
  }, 30_000);
});

it('takes keys as what was said, once they are enough', async () => {
  const way = await ticketed('twilio');
  const gateway = twilioGateway();
  await gateway.connect(way.url);
  await expect.poll(() => told(way), WAIT).toContain('playback.completed');
  gateway.press('4711#');
  await expect.poll(() => told(way), WAIT).toContain('utterance.received 4711');
  gateway.press('12');
  await expect.poll(() => told(way), WAIT).toContain('utterance.received 12');
  expect((await told(way)).filter((l) => l.startsWith('digits'))).toEqual(['digits.entered 4711', 'digits.entered 12']);
  gateway.vanish();
  await expect.poll(() => told(way), WAIT).toContain('call.ended lost');
}, 30_000);

it('goes on with a call of our own clients whose socket was lost, in the middle of a word', async () => {
  const way = await ticketed('turnstream');
  const client = turnstreamClient();
  await client.connect(way.url);
  await expect.poll(() => told(way), WAIT).toContain('playback.completed');
  void client.speak(saying('where is my parcel', 1_200, 16_000));
  await expect.poll(() => told(way), WAIT).toContain('speech.started');
  const heardMs = client.nowMs;
  await expect.poll(() => client.nowMs, WAIT).toBeGreaterThan(heardMs + 500);
  client.vanish();
  const { ticket } = await platform.tickets.make({ tenant: TENANT });
  await client.connect(`${voice.url.replace('http', 'ws')}/v1/voice/turnstream?ticket=${ticket}`);
  await expect.poll(() => told(way), WAIT).toContain('turn.replied What is your order number?');
  client.hangUp();
  await expect.poll(() => told(way), WAIT).toContain('call.ended hung-up');
  const story = await told(way);
  expect(story.filter((line) => line.startsWith('call.'))).toEqual(['call.started', 'call.ended hung-up']);
  expect(story.filter((line) => line.startsWith('speech.transcribed'))).toEqual([
    'speech.transcribed where is my parcel',
  ]);
}, 30_000);

it('goes on while the log is restarted: nothing that was said is lost', async () => {
  const way = await ticketed('twilio');
  const gateway = twilioGateway();
  await gateway.connect(way.url);
  await expect.poll(() => told(way), WAIT).toContain('playback.completed');
  const spoken = gateway.speak(saying('where is my parcel', 2_000));
  await expect.poll(() => told(way), WAIT).toContain('speech.started');
  await platform.broker.restart();
  await spoken;
  await expect.poll(() => told(way).catch(() => []), WAIT).toContain('turn.replied What is your order number?');
  gateway.hangUp();
  await expect.poll(() => told(way), WAIT).toContain('call.ended hung-up');
  expect(checkSession(await platform.story(way.ref))).toEqual([]);
}, 40_000);
