import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../events/fields.ts';
import type { DialogueState } from '../../shared/session/state.ts';
import { WAIT } from './calls.fixture.ts';
import { coughing, saying } from './platform.fixture.ts';
import { stage } from './stage.fixture.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';

const { platform, calls } = stage();

/** A caller who has asked for a parcel and begins to hear what they are asked; `before`: what was heard until then. */
async function hearingQuestion() {
  const way = await calls.way('twilio');
  const gateway = twilioGateway();
  await calls.greeted(gateway, way);
  await gateway.speak(saying('where is my parcel'));
  await expect.poll(() => calls.told(way), WAIT).toContain('turn.replied What is your order number?');
  const before = gateway.heard().length;
  await expect.poll(() => gateway.heard().length, WAIT).toBeGreaterThan(before);
  return { way, gateway, before };
}

describe('who speaks over the bot', () => {
  it('is heard: playing stops, and the log says which words were heard', async () => {
    const { way, gateway } = await hearingQuestion();
    await gateway.wait(400);
    await gateway.speak(saying('my order is TS12345678', 900));
    const interrupted = (line: string) => line.startsWith('playback.interrupted');
    await expect.poll(async () => (await calls.told(way)).some(interrupted), WAIT).toBe(true);
    const [words = ''] = (await calls.told(way)).filter(interrupted);
    expect(words).toMatch(/^playback\.interrupted What (?:is|is your|is your order) · spoken-over$/u);
    await expect.poll(() => calls.told(way), WAIT).toContain('turn.replied Parcel TS12345678 is on its way.');
    expect(await calls.told(way)).not.toContain('playback.resumed');
    // What was decided next was decided by somebody who knew.
    const decided = (await platform().story(way.ref)).findLast(({ envelope }) => envelope.type === 'policy.decided');
    const { state } = (decided?.envelope.data as { snapshot: Snapshot }).snapshot;
    const { heard } = (state as unknown as DialogueState).told ?? {};
    expect(words).toBe(`playback.interrupted ${heard?.words ?? ''} · spoken-over`);
    gateway.hangUp();
  }, 30_000);

  it('with a cough only does not stop it: it goes on from where it was', async () => {
    const { way, gateway, before } = await hearingQuestion();
    await gateway.speak(coughing());
    await expect.poll(() => calls.told(way), WAIT).toContain('playback.resumed');
    await expect.poll(async () => (await calls.told(way)).at(-1), WAIT).toBe('playback.completed');
    const story = await calls.told(way);
    expect(story.filter((l) => l.startsWith('utterance.received')).length).toBe(1);
    const ms = gateway
      .heard()
      .slice(before)
      .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    expect(Math.abs(ms - 'What is your order number?'.length * 60)).toBeLessThan(400);
    gateway.hangUp();
  }, 30_000);
});

it('takes keys as what was said, once they are enough', async () => {
  const way = await calls.way('twilio');
  const gateway = twilioGateway();
  await calls.greeted(gateway, way);
  gateway.press('4711#');
  await expect.poll(() => calls.told(way), WAIT).toContain('utterance.received 4711');
  gateway.press('12');
  await expect.poll(() => calls.told(way), WAIT).toContain('utterance.received 12');
  expect((await calls.told(way)).filter((l) => l.startsWith('digits'))).toEqual([
    'digits.entered 4711',
    'digits.entered 12',
  ]);
  gateway.vanish();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended lost');
}, 30_000);
