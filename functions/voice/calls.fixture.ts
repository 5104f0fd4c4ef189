import { expect } from 'vitest';
import type { SessionId } from '../../events/envelope.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { TENANT } from '../../shared/testing/rig.ts';
import { saying, type CallPlatform } from './platform.fixture.ts';
import type { RunningVoice } from './start.ts';
import type { ScriptedGateway } from './testing/gateway.ts';

/** How long tests wait for something that happens in a call. */
export const WAIT = { timeout: 15_000, interval: 20 };

/** A way in for one call, and the session that it opens. */
export interface Way {
  readonly url: string;
  readonly ref: SessionRef;
}

/** What tests of calls ask of a platform. */
export interface Calls {
  /** A way in with a ticket; `audiosocket`: over TCP, with the id that is its ticket. */
  way(gateway: string, voice?: RunningVoice): Promise<Way & { readonly uuid: string }>;
  /** A way into a session that is there. */
  wayInto(ref: SessionRef, gateway: string, voice?: RunningVoice): Promise<string>;
  /** A way back for a client whose socket was lost. */
  wayBack(voice?: RunningVoice): Promise<string>;
  /** The story of a call, as lines. */
  told(way: Way): Promise<readonly string[]>;
  /** A caller connects and hears the greeting to its end. */
  greeted(gateway: ScriptedGateway, way: Way): Promise<void>;
}

/** Calls of a platform, to a process that takes them unless another is named. */
export function callsOf(platform: () => CallPlatform, usual: () => RunningVoice): Calls {
  const ofKey = (key: string): SessionRef => ({
    tenant: TENANT,
    session: incomingId('session', TENANT, '', key) as string as SessionId,
  });
  const address = (voice: RunningVoice, gateway: string, ticket: string) =>
    `${voice.url.replace('http', 'ws')}/v1/voice/${gateway}?ticket=${ticket}`;
  const told = async ({ ref }: Way) => (await platform().story(ref)).map(lineOf);
  return {
    told,
    async way(gateway, voice = usual()) {
      const { uuid } = platform().tickets.makeShort(TENANT);
      if (gateway === 'audiosocket') return { uuid, url: `tcp://127.0.0.1:${voice.audioSocketPort}`, ref: ofKey(uuid) };
      const { ticket } = await platform().tickets.make({ tenant: TENANT, locale: 'en' });
      const { jti = '' } = (await platform().tickets.check(ticket)) ?? {};
      return { uuid, url: address(voice, gateway, ticket), ref: ofKey(jti) };
    },
    async wayInto({ tenant, session }, gateway, voice = usual()) {
      const { ticket } = await platform().tickets.make({ tenant, session, locale: 'en' });
      return address(voice, gateway, ticket);
    },
    async wayBack(voice = usual()) {
      const { ticket } = await platform().tickets.make({ tenant: TENANT });
      return address(voice, 'turnstream', ticket);
    },
    async greeted(gateway, way) {
      await gateway.connect(way.url);
      await expect.poll(() => told(way), WAIT).toContain('playback.completed');
    },
  };
}

/** What the test bot says in a whole call: its greeting, its question, its answer. */
export const ANSWERS = {
  en: ['Hello!', 'What is your order number?', 'Parcel TS12345678 is on its way.'],
  zh: ['您好！', '请问您的订单号是多少？', '包裹 TS12345678 正在路上。'],
} as const;

/** How a caller's words are sampled, and the language in which a call is answered that names none. */
export interface Spoken {
  readonly rate: number;
  readonly locale: keyof typeof ANSWERS;
}

/** A caller asks for a parcel, is asked for the number and says it; the story that is told of it. */
export async function wholeCall(
  calls: Calls,
  gateway: ScriptedGateway,
  way: Way,
  { rate, locale }: Spoken = { rate: 8_000, locale: 'en' },
): Promise<readonly string[]> {
  const completed = async () => (await calls.told(way)).filter((line) => line === 'playback.completed').length;
  await calls.greeted(gateway, way);
  await gateway.speak(saying('where is my parcel', 600, rate));
  await expect.poll(() => calls.told(way), WAIT).toContain(`turn.replied ${ANSWERS[locale][1]}`);
  await expect.poll(completed, WAIT).toBe(2);
  await gateway.speak(saying('my order is TS12345678', 600, rate));
  await expect.poll(completed, WAIT).toBe(3);
  gateway.hangUp();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
  return calls.told(way);
}

/** What happened in a conversation, without what the functions thought about it. */
export const spokenOf = (story: readonly string[]): readonly string[] =>
  story.filter((line) => /^(?:call|speech|utterance|turn|playback|session)\./u.test(line));

/** What a whole call tells. */
export const wholeStory = (locale: Spoken['locale']): readonly string[] => [
  'session.opened',
  'call.started',
  `call.greeted ${ANSWERS[locale][0]}`,
  'playback.completed',
  'speech.started',
  'speech.transcribed where is my parcel',
  'utterance.received where is my parcel',
  `turn.replied ${ANSWERS[locale][1]}`,
  'playback.completed',
  'speech.started',
  'speech.transcribed my order is TS12345678',
  'utterance.received my order is TS12345678',
  `turn.replied ${ANSWERS[locale][2]}`,
  'playback.completed',
  'call.ended hung-up',
];

function lineOf({ envelope: { type, data } }: Stored): string {
  const { text, messages, heard, reason, digits } = data as Record<string, unknown>;
  const said = (messages as readonly { readonly text: string }[] | undefined)?.map((m) => m.text).join(' ');
  const parts = [text, said, digits, heard, reason].filter((part) => typeof part === 'string' && part !== '');
  return `${type} ${parts.join(' · ')}`.trim();
}
