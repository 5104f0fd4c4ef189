import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { speechTranscribed } from '../../events/call.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { asrRole, brokerUser, inboxOf, operatorRole } from '../../shared/access/roles.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { AUDIO, DEAD_LETTERS } from '../../shared/log/streams.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import { audioSubject, partialSubject } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { readHearing } from '../../shared/speech/hearing.ts';
import { hearingStore } from '../../shared/speech/hearing-store.ts';
import { chunksOf, hashingEngine, loudnessVad, silence, sounds, tone } from '../../shared/speech/listening.fixture.ts';
import { LISTENERS, provisionSpeech } from '../../shared/speech/provision.ts';
import type { TestServer } from '../../shared/testing/broker.ts';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import { openCall, play, startCallLog, toldOf } from './calls.fixture.ts';
import { hostAsr, openEngines } from './hosted.ts';

const twoUtterances = sounds(silence(300), tone(700), silence(1_100), tone(900, 2), silence(300));
const chunks = chunksOf(twoUtterances);

let broker: TestServer;
let nc: NatsConnection;
let log: Log;
let audio: AudioLog;
let hosts: Running[] = [];
let serial = 0;

beforeAll(async () => {
  const users = [brokerUser(operatorRole, 'o'), brokerUser(asrRole, 'a')];
  ({ broker, nc, log, audio } = await startCallLog({ users }, { user: operatorRole.user, pass: 'o' }));
});
afterEach(async () => {
  for (const running of hosts.splice(0)) await running.stop();
});
afterAll(() => broker.stop());

/** Listens with what the role of the function allows. */
async function listen(engine: Engine = hashingEngine()): Promise<{ readonly running: Running }> {
  const running = await host([engine]);
  hosts.push(running);
  return { running };
}
async function host(engines: readonly Engine[]): Promise<Running> {
  const own = await broker.nc({ user: asrRole.user, pass: 'a', inboxPrefix: inboxOf(asrRole.user) });
  const self = `pod-${serial++}`;
  const options = { nc: own, self, deadLetters: deadLetters(own), concurrency: 64, calls: 100 };
  return hostAsr({ ...options, vad: loudnessVad, engines });
}
const stop = async ({ running }: { readonly running: Running }) => {
  hosts = hosts.filter((each) => each !== running);
  await running.stop();
};
const over = (lines: readonly string[]) => lines.filter((line) => /^\d+ (?!started)/u.test(line)).length;

/** Waits until every chunk has been listened to. */
async function allHeard(): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const open = async () => {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(AUDIO, LISTENERS);
    return num_pending + num_ack_pending;
  };
  await expect.poll(open).toBe(0);
}

/** Counts the pieces that it is given. */
function counting(): { readonly engine: Engine; readonly pieces: () => number } {
  const engine = hashingEngine();
  let pieces = 0;
  return {
    pieces: () => pieces,
    engine: {
      ...engine,
      begin: async (at) => {
        const recognition = await engine.begin(at);
        return {
          ...recognition,
          hear: (sound) => {
            pieces++;
            return recognition.hear(sound);
          },
        };
      },
    },
  };
}

describe('the function that listens', () => {
  it('writes what was said, once for each utterance and in order, and opens a turn with it', async () => {
    await listen();
    const ref = await openCall(log);
    await play(audio, ref, chunks);
    await expect.poll(async () => over(await toldOf(log, ref))).toBe(2);
    await expect.poll(() => toldOf(log, ref)).toHaveLength(6);
    const lines = await toldOf(log, ref);
    const texts = lines.flatMap((line) => /^\d (?:silence|hung-up): (.*)$/u.exec(line)?.[1] ?? []);
    expect(lines).toEqual([
      '1 started',
      `1 silence: ${texts[0] ?? ''}`,
      `said: ${texts[0] ?? ''}`,
      '2 started',
      `2 hung-up: ${texts[1] ?? ''}`,
      `said: ${texts[1] ?? ''}`,
    ]);
    const events = await readSession(log, ref);
    const transcribed = events.filter(({ envelope }) => envelope.type === speechTranscribed.type);
    const said = events.filter(({ envelope }) => envelope.type === utteranceReceived.type);
    expect(said.map(({ envelope }) => envelope.causation)).toEqual(transcribed.map(({ envelope }) => envelope.id));
    for (const { envelope } of said) expect(envelope.turn).toBe(envelope.id);
    expect(transcribed[0]?.envelope).toMatchObject({ causation: ref.call, emitter: 'asr' });
  });

  it('opens no turn where there were no words', async () => {
    const deaf = hashingEngine();
    await listen({
      ...deaf,
      begin: async (at) => ({
        ...(await deaf.begin(at)),
        hear: () => Promise.resolve(''),
        finish: () => Promise.resolve({ text: '', confidence: 1 }),
      }),
    });
    const ref = await openCall(log);
    await play(audio, ref, chunksOf(sounds(tone(500), silence(2_600))));
    await expect.poll(() => toldOf(log, ref)).toEqual(['1 started', '1 no-words: ']);
  });

  it('announces the words so far', async () => {
    await listen();
    const ref = await openCall(log);
    const heard: string[] = [];
    nc.subscribe(partialSubject(ref), { callback: (_error, m) => void heard.push(m.string()) });
    await nc.flush();
    await play(audio, ref, chunks);
    await expect.poll(() => heard.length).toBeGreaterThan(3);
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({ utterance: 1 });
  });

  it('hears a call that nobody listened to until later', async () => {
    const ref = await openCall(log);
    await play(audio, ref, chunks);
    await listen();
    await expect.poll(async () => over(await toldOf(log, ref))).toBe(2);
  });

  it('says with the first chunk of a call who has it at hand, although nothing has happened in it', async () => {
    await listen();
    const ref = await openCall(log);
    await play(audio, ref, chunks.slice(0, 1));
    await allHeard();
    const kept = await hearingStore(nc).read(ref);
    expect(kept && readHearing(kept.state)).toMatchObject({
      by: `pod-${serial - 1}`,
      state: { number: 1, utterances: 0 },
    });
  });

  it('beside others listens to each chunk in one process only', async () => {
    const { engine, pieces } = counting();
    for (let i = 0; i < 3; i++) await listen(engine);
    const refs = await Promise.all(Array.from({ length: 6 }, () => openCall(log)));
    await Promise.all(refs.map((ref) => play(audio, ref, chunks, 'real-time')));
    for (const ref of refs) await expect.poll(async () => over(await toldOf(log, ref))).toBe(2);
    const [first, ...others] = await Promise.all(refs.map((ref) => toldOf(log, ref)));
    for (const other of others) expect(other).toEqual(first);
    const alone = counting();
    for (const running of hosts.splice(0)) await running.stop();
    await listen(alone.engine);
    const ref = await openCall(log);
    await play(audio, ref, chunks);
    await expect.poll(async () => over(await toldOf(log, ref))).toBe(2);
    expect(await toldOf(log, ref)).toEqual(first);
    // The first chunk of a call is heard by whoever gets it, and the second may come to another before that is known.
    expect(pieces()).toBeLessThan(alone.pieces() * refs.length * 1.2);
  });

  it.each(['travels', 'cached'] as const)('goes on where another process stopped, when the state %s', async (state) => {
    const engine = hashingEngine({ state, model: `hashing-${state}@1` });
    const undisturbed = await openCall(log);
    const first = await listen(engine);
    await play(audio, undisturbed, chunks);
    await expect.poll(async () => over(await toldOf(log, undisturbed))).toBe(2);

    const ref = await openCall(log);
    const half = chunks.slice(0, 8);
    await play(audio, ref, half);
    const hearing = hearingStore(nc);
    await expect.poll(() => toldOf(log, ref)).toEqual(['1 started']);
    await allHeard();
    await stop(first);
    const kept = await hearing.read(ref);
    expect(kept && readHearing(kept.state).state.number).toBe(8);
    await listen(engine);
    let previous = (await audio.newest(ref))?.position ?? 0;
    for (const chunk of chunks.slice(8)) {
      const result = await audio.append(ref, chunk, previous);
      previous = result.kind === 'kept' ? result.position : 0;
    }
    await expect.poll(async () => over(await toldOf(log, ref))).toBe(2);
    expect(await toldOf(log, ref)).toEqual(await toldOf(log, undisturbed));
  });

  it('takes no notice of chunks that come again', async () => {
    const first = await listen();
    const ref = await openCall(log);
    await play(audio, ref, chunks);
    await expect.poll(() => toldOf(log, ref)).toHaveLength(6);
    await stop(first);
    const jsm = await jetstreamManager(nc);
    await jsm.consumers.delete(AUDIO, LISTENERS);
    await provisionSpeech(nc);
    await listen();
    await allHeard();
    expect(await toldOf(log, ref)).toHaveLength(6);
  });

  it('puts aside what is no chunk, and goes on', async () => {
    await listen();
    const ref = newCall();
    const { seq } = await jetstream(nc).publish(audioSubject(ref), 'no chunk');
    const jsm = await jetstreamManager(nc);
    await expect
      .poll(
        async () => (await jsm.streams.info(DEAD_LETTERS, { subjects_filter: `dead.*.${LISTENERS}` })).state.subjects,
      )
      .toBeDefined();
    expect(seq).toBeGreaterThan(0);
    const other = await openCall(log);
    await play(audio, other, chunks);
    await expect.poll(async () => over(await toldOf(log, other))).toBe(2);
  });

  it('says of each utterance that nobody made it out where there is no engine, and goes on', async () => {
    hosts.push(await host([]));
    const ref = await openCall(log);
    await play(audio, ref, chunks);
    await expect.poll(() => toldOf(log, ref)).toEqual(['1 started', '1 failed', '2 started', '2 failed']);
  });

  it('does without an engine whose model is damaged, and says so', async () => {
    const refused: string[] = [];
    const damaged = { kind: 'small', where: 'models/there-is-none' } as const;
    const shipped = { kind: 'small', where: 'models/speech-en-small' } as const;
    const engines = await openEngines([damaged, shipped], ({ where }, error) => {
      refused.push(`${where}: ${(error as Error).message}`);
    });
    expect(engines.map(({ capabilities }) => capabilities.languages)).toEqual([['en']]);
    expect(refused).toEqual(['models/there-is-none: config.json: is missing']);
    for (const engine of engines) await engine.close();
  });
});
