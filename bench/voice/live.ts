import { setTimeout as delay } from 'node:timers/promises';
import { openCall, play, type StoredAt } from '../../functions/asr/calls.fixture.ts';
import { undisturbed } from '../../functions/asr/reference.fixture.ts';
import { speechStarted, speechTranscribed } from '../../events/call.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { partialSubject, type CallRef } from '../../shared/speech/chunk.ts';
import { openSmallEngine } from '../../shared/speech/small/engine.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { below, type BenchContext } from '../lib/bench.ts';
import { cpuMeter } from '../lib/cpu.ts';
import { latencies, type Latencies } from '../lib/latencies.ts';
import { conversation, type Conversation } from '../../shared/speech/conversation.fixture.ts';
import { layGround } from './ground.ts';
import type { Part, PartOptions } from './part.ts';

const FINALS_LIMIT_MS = 20_000;
const POLL_MS = 50;

interface Effects {
  readonly wanted: Awaited<ReturnType<typeof undisturbed>>;
  readonly talk: Conversation;
}

/** Calls in real time through a real log, with two processes that listen; then again, and one of them is killed. */
export async function live({ calls, seconds, model }: PartOptions, context: BenchContext): Promise<Part> {
  const { broker, nc, log, audio, listen } = await layGround(model, context);
  const processes = [await listen('asr-1'), await listen('asr-2')];
  const talks = await prepared(calls, seconds, model);

  const run = async (disturb: () => Promise<unknown>) => {
    const refs = await Promise.all(talks.map(() => openCall(log)));
    const firstWords = new Map<string, number>();
    const heard = refs.map((ref) =>
      nc.subscribe(partialSubject(ref), {
        callback: (_error, m) => {
          const key = `${ref.call} ${m.json<{ utterance: number }>().utterance}`;
          if (!firstWords.has(key)) firstWords.set(key, Date.now());
        },
      }),
    );
    const began = Date.now();
    const [stored] = await Promise.all([
      Promise.all(refs.map((ref, i) => play(audio, ref, talks[i]?.talk.chunks ?? [], 'real-time'))),
      disturb(),
    ]);
    const measured = measures();
    for (const [i, ref] of refs.entries()) {
      const talk = talks[i];
      if (talk)
        await measure(
          log,
          ref,
          { ...talk, storedAt: stored[i] ?? new Map<number, number>(), began, firstWords },
          measured,
        );
    }
    for (const each of heard) each.unsubscribe();
    return measured;
  };
  const cpu = cpuMeter({ asr: () => processes.map(({ pid }) => pid), nats: () => [broker.pid()] });
  const quiet = await run(() => Promise.resolve());
  const spent = cpu.read();
  const minutes = (calls * seconds) / 60;
  const killed = await run(async () => {
    await delay((seconds * 1_000) / 2);
    await processes[0]?.kill();
  });
  const wrong = quiet.wrong + killed.wrong;
  return {
    figures: [
      {
        name: 'end of speech to final, besides the silence, p95',
        value: quiet.final.percentile(95),
        unit: 'ms',
        goal: below(50),
      },
      { name: 'end of speech to final, besides the silence, p50', value: quiet.final.percentile(50), unit: 'ms' },
      { name: 'onset to speech.started, p50', value: quiet.onset.percentile(50), unit: 'ms' },
      { name: 'onset to speech.started, p95', value: quiet.onset.percentile(95), unit: 'ms', goal: below(250) },
      { name: 'onset to the first words announced, p50', value: quiet.words.percentile(50), unit: 'ms' },
      { name: 'onset to the first words announced, p95', value: quiet.words.percentile(95), unit: 'ms' },
      { name: 'CPU a minute of call, listening', value: spent.asr / 1_000 / minutes, unit: 'ms' },
      { name: 'CPU a minute of call, nats-server', value: spent.nats / 1_000 / minutes, unit: 'ms' },
      {
        name: 'one of two killed: final, besides the silence, p95',
        value: killed.final.percentile(95),
        unit: 'ms',
        goal: below(300),
      },
      {
        name: 'one of two killed: final, besides the silence, worst',
        value: killed.final.max(),
        unit: 'ms',
        goal: below(300),
      },
      { name: 'finals missing, doubled or different', value: wrong, unit: '', goal: below(1) },
    ],
    notes: [`${calls} calls of ${seconds} s, ${quiet.final.count} utterances.`],
  };
}

interface Measures {
  readonly final: Latencies;
  readonly onset: Latencies;
  readonly words: Latencies;
  wrong: number;
}
const measures = (): Measures => ({ final: latencies(), onset: latencies(), words: latencies(), wrong: 0 });

interface Played extends Effects {
  readonly storedAt: StoredAt;
  readonly began: number;
  readonly firstWords: ReadonlyMap<string, number>;
}

async function measure(log: Log, ref: CallRef, played: Played, into: Measures): Promise<void> {
  const { wanted, talk, storedAt, began, firstWords } = played;
  const ends = wanted.filter(({ kind }) => kind === 'transcribed');
  const until = Date.now() + FINALS_LIMIT_MS;
  let events = await readSession(log, ref);
  const finals = () => events.filter(({ envelope }) => envelope.type === speechTranscribed.type);
  while (finals().length < ends.length && Date.now() < until) {
    await delay(POLL_MS);
    events = await readSession(log, ref);
  }
  const texts = ends.map((end) => (end.kind === 'transcribed' ? end.made.text : ''));
  const told = finals().map(({ envelope }) => (envelope.data as { text: string }).text);
  if (JSON.stringify(told) !== JSON.stringify(texts)) into.wrong++;
  for (const [i, { envelope }] of finals().entries()) {
    into.final.add(Date.parse(envelope.time) - (storedAt.get(ends[i]?.at ?? 0) ?? 0));
  }
  for (const { envelope } of events.filter((event) => event.envelope.type === speechStarted.type)) {
    const { utterance, fromMs } = envelope.data as { utterance: number; fromMs: number };
    // Which of the caller's words it is; anything else was a noise.
    const onset = talk.onsets.find((ms) => Math.abs(ms - fromMs) < 400);
    if (onset === undefined) continue;
    into.onset.add(Date.parse(envelope.time) - began - onset);
    const words = firstWords.get(`${ref.call} ${utterance}`);
    if (words !== undefined) into.words.add(words - began - onset);
  }
}

async function prepared(calls: number, seconds: number, model: string): Promise<readonly Effects[]> {
  const vad = await openVad();
  const engine = await openSmallEngine(model);
  const all: Effects[] = [];
  for (let i = 0; i < calls; i++) {
    const talk = await conversation(i, seconds * 1_000);
    all.push({ talk, wanted: await undisturbed(talk.chunks, vad, engine) });
  }
  await engine.close();
  return all;
}
