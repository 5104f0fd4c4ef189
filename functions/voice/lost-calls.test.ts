import { expect, it } from 'vitest';
import { callEnded, callStarted } from '../../events/call.ts';
import { tailOf } from '../../shared/log/append.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { chunkOf, newCall } from '../../shared/speech/audio-log.contract.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import { incoming, opening } from '../../shared/testing/rig.ts';
import { endLost } from './lost-calls.ts';

const now = () => new Date('2026-01-01T00:00:00.000Z');

async function lostCall(chunks: number) {
  const [log, audio, ref] = [memoryLog(), memoryAudioLog(), newCall()];
  const tail = tailOf(log);
  await tail.append(incoming(ref, opening()));
  const started = callStarted({ call: ref.call, gateway: 'twilio', codec: 'mulaw', rate: 8_000 });
  await tail.append(incoming(ref, started, { id: ref.call }));
  let previous = 0;
  for (let number = 1; number <= chunks; number++) {
    const kept = await audio.append(ref, chunkOf(number), previous);
    if (kept.kind === 'kept') previous = kept.position;
  }
  const endings = () => log.all.filter((s) => s.envelope.type === 'call.ended').map((s) => s.envelope.data);
  return { log, audio, ref, tail, endings, at: { log, audio, tail, now } };
}

it('ends a call once, with its sound, however often it is announced', async () => {
  const { audio, ref, endings, at } = await lostCall(12);
  expect(await endLost(ref, at)).toBe('ended');
  expect(await endLost(ref, at)).toBe('over');
  expect(endings()).toEqual([{ call: ref.call, reason: 'lost', ms: 1_200 }]);
  expect(audio.all.slice(-2)).toMatchObject([
    { number: 12, last: false },
    { number: 13, fromMs: 1_200, last: true },
  ]);
});

it('ends one of which nothing was heard', async () => {
  const { ref, endings, at } = await lostCall(0);
  await endLost(ref, at);
  expect(endings()).toEqual([{ call: ref.call, reason: 'lost', ms: 0 }]);
});

it('closes the sound of a call whose process could not, and says nothing else', async () => {
  const { audio, ref, tail, endings, at } = await lostCall(2);
  await tail.append(incoming(ref, callEnded({ call: ref.call, reason: 'hung-up', ms: 200 })));
  expect(await endLost(ref, at)).toBe('over');
  expect(endings()).toMatchObject([{ reason: 'hung-up' }]);
  expect(audio.all.at(-1)).toMatchObject({ number: 3, last: true });
});

it('leaves alone a call that was about to begin when its process died', async () => {
  const { ref, endings, at } = await lostCall(0);
  expect(await endLost({ ...ref, call: newCall().call }, at)).toBe('over');
  expect(endings()).toEqual([]);
});

it('leaves alone what has left the log', async () => {
  const { at } = await lostCall(0);
  expect(await endLost(newCall(), at)).toBe('over');
});
