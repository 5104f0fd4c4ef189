import { describe, expect, it } from 'vitest';
import { fromLinear } from '../../shared/speech/codecs.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { spokenOf, WAIT, wholeCall, wholeStory } from './calls.fixture.ts';
import { saying } from './platform.fixture.ts';
import { stage } from './stage.fixture.ts';
import { asteriskGateway } from './testing/gateway-asterisk.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';

const { platform, calls } = stage();

describe('two who speak at once', () => {
  // An agent who listens in, or our own voice: the gateway sends both directions.
  const otherSays = fromLinear(saying('bye', 20_000), 'mulaw');
  it.each(['apart', 'together'] as const)(
    'on two tracks of one call, counted %s: the caller is understood, the other is nobody’s turn',
    async (counts) => {
      const way = await calls.way('twilio');
      const gateway = twilioGateway({ otherSays, counts });
      const story = await wholeCall(calls, gateway, way);
      expect(spokenOf(story)).toEqual(wholeStory('en'));
      // No silence was put where the other's frames stand in the count.
      const end = (await platform().story(way.ref)).at(-1)?.envelope.data as { readonly ms: number };
      expect(Math.abs(end.ms - gateway.nowMs)).toBeLessThan(500);
      expect(platform().told.filter((line) => line === 'twilio lost')).toEqual([]);
    },
    40_000,
  );

  it('in two calls of one session: each is heard to its end, and each utterance is a turn', async () => {
    const way = await calls.way('twilio');
    const [one, other] = [twilioGateway(), asteriskGateway()];
    await calls.greeted(one, way);
    await other.connect(await calls.wayInto(way.ref, 'asterisk'));
    const greetings = async () => (await calls.told(way)).filter((line) => line === 'playback.completed');
    await expect.poll(greetings, WAIT).toHaveLength(2);
    await Promise.all([one.speak(saying('hello', 900)), other.speak(saying('where is my parcel', 900))]);
    const replies = async () => (await calls.told(way)).filter((line) => line.startsWith('turn.'));
    await expect.poll(replies, WAIT).toHaveLength(2);
    for (const gateway of [one, other]) gateway.hangUp();
    const ends = async () => (await calls.told(way)).filter((line) => line === 'call.ended hung-up');
    await expect.poll(ends, WAIT).toHaveLength(2);
    const story = await platform().story(way.ref);
    const said = story.flatMap(({ envelope: { type, data } }) => {
      const { call, text } = data as { readonly call: string; readonly text: string };
      return type === 'speech.transcribed' ? [[call, text] as const] : [];
    });
    const began = story.filter(({ envelope }) => envelope.type === 'call.started').map(({ envelope }) => envelope.id);
    expect(new Map(said)).toEqual(
      new Map([
        [began[0], 'hello'],
        [began[1], 'where is my parcel'],
      ]),
    );
    expect(said).toHaveLength(2);
    // Whoever was second was answered second.
    expect((await replies()).join('; ')).toMatch(/Hello!.*What is your order number\?|order number\?; .*Hello!/u);
    expect(checkSession(story)).toEqual([]);
  }, 40_000);
});
