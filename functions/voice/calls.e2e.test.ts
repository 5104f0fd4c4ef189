import { expect, it } from 'vitest';
import { checkSession } from '../../shared/verify/invariants.ts';
import { ANSWERS, spokenOf, wholeCall, wholeStory } from './calls.fixture.ts';
import { stage } from './stage.fixture.ts';
import { asteriskGateway } from './testing/gateway-asterisk.ts';
import { audioSocketGateway } from './testing/gateway-audiosocket.ts';
import { audioForkGateway, audioStreamGateway, jambonzGateway } from './testing/gateway-listen.ts';
import { plivoGateway } from './testing/gateway-plivo.ts';
import { signalwireGateway } from './testing/gateway-signalwire.ts';
import { exotelGateway, telnyxGateway, twilioGateway } from './testing/gateway-twilio.ts';
import { turnstreamClient } from './testing/gateway-turnstream.ts';
import { vonageGateway } from './testing/gateway-vonage.ts';
import type { ScriptedGateway } from './testing/gateway.ts';

const { platform, voice, calls } = stage();

/** Of all that was heard: whole frames are played, and a busy machine makes pauses that are none of ours. */
const TOLERANCE_MS = 300;

/** How fast the voice of these tests speaks. */
const MS_OF_CHARACTER = 60;

const GATEWAYS: readonly (readonly [string, (uuid: string) => ScriptedGateway, number?])[] = [
  ['twilio', () => twilioGateway()],
  ['telnyx', () => telnyxGateway()],
  ['signalwire', () => signalwireGateway(), 16_000],
  ['exotel', () => exotelGateway()],
  ['plivo', () => plivoGateway()],
  ['asterisk', () => asteriskGateway()],
  ['jambonz', () => jambonzGateway()],
  ['audio-fork', () => audioForkGateway('{"sampleRate":16000}'), 16_000],
  ['audio-stream', () => audioStreamGateway('{"sampleRate":8000}')],
  ['vonage', () => vonageGateway(), 16_000],
  ['turnstream', () => turnstreamClient(), 16_000],
  ['audiosocket', (uuid) => audioSocketGateway(uuid)],
];

/** A call from its beginning to its end. */
async function callOver([name, make, rate = 8_000]: (typeof GATEWAYS)[number]) {
  // The 16 bytes of AudioSocket have no room for a language.
  const locale = name === 'audiosocket' ? 'zh' : 'en';
  const way = await calls.way(name);
  const gateway = make(way.uuid);
  const story = await wholeCall(calls, gateway, way, { rate, locale }).catch(async (cause: unknown) => {
    throw new Error(`over ${name}: ${(await calls.told(way)).join(', ')}`, { cause });
  });
  const lengthsMs = gateway.heard().map(({ fromMs, toMs }) => toMs - fromMs);
  const ofMs = ANSWERS[locale].reduce((sum, text) => sum + text.length * MS_OF_CHARACTER, 0);
  const tooMuchMs = lengthsMs.reduce((sum, ms) => sum + ms, 0) - ofMs;
  const broken = checkSession(await platform().story(way.ref));
  return { name, locale, story: spokenOf(story), broken, isWhole: Math.abs(tooMuchMs) <= TOLERANCE_MS } as const;
}

// All at once: a call takes as long as it is spoken.
it('a whole call over every gateway: what was said, decided, answered and heard is told', async () => {
  for (const { name, locale, ...told } of await Promise.all(GATEWAYS.map(callOver))) {
    // All three answers were heard, whole and once.
    expect(told, name).toEqual({ story: wholeStory(locale), broken: [], isWhole: true });
  }
  await expect.poll(() => voice().calls()).toBe(0);
}, 60_000);
