import { setTimeout as delay } from 'node:timers/promises';
import { chance } from '../../../shared/chance/index.ts';
import { jetstreamLog } from '../../../shared/log/jetstream.ts';
import type { SessionRef } from '../../../shared/log/log.ts';
import { readSession } from '../../../shared/log/read.ts';
import { sessionOfName } from '../../../shared/incoming/names.ts';
import { audioLog } from '../../../shared/speech/audio-log.ts';
import { conversation } from '../../../shared/speech/conversation.fixture.ts';
import type { Engine } from '../../../shared/speech/engine.ts';
import type { Vad } from '../../../shared/speech/vad.ts';
import { TENANT } from '../../../shared/testing/rig.ts';
import { undisturbed } from '../../asr/reference.fixture.ts';
import { CHANNEL } from '../joining.ts';
import { startCaller, type Caller } from './callers.ts';
import { differenceIn, endsOf, finalsOf, historiesOf, isOver, judge, latenessOf } from './history.ts';
import { KINDS, killAtRandom, SECRET, type Kind, type KillablePlatform } from './platform.ts';

/** Calls while processes are killed. */
export interface KillsOptions {
  readonly calls: number;
  readonly seconds: number;
  /** The mean time between two kills. */
  readonly everyMs: number;
  readonly seed: number;
  /** What makes the transcripts that are wanted. */
  readonly vad: Vad;
  readonly engine: Engine;
}

/** What became of them. */
export interface KillsReport {
  readonly deaths: Readonly<Record<Kind, number>>;
  /** Lines that broke under a caller, and calls that the log tells of. */
  readonly broken: number;
  readonly calls: number;
  /** Utterances in the sound as it stands in the log, and what the log tells of them. */
  readonly utterances: number;
  readonly finals: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Each flaw in words: none, if everything is right. */
  readonly flaws: readonly string[];
  /** For each final: milliseconds since the chunk was stored that ended it. */
  readonly lateMs: readonly number[];
}

/** After the last caller, and the last kill. */
const OVER_LIMIT_MS = 90_000;
const POLL_MS = 200;
/** Callers do not all call in the same moment. */
const APART_MS = 40;

/** Half of the callers are in browsers and resume, half on telephones and call again; processes are killed by chance. */
export async function callWhileKilling(platform: KillablePlatform, options: KillsOptions): Promise<KillsReport> {
  const { calls, seconds, everyMs, seed, vad, engine } = options;
  const { nc, lines } = platform;
  const log = jetstreamLog(nc);
  const audio = audioLog(nc);
  const talks = await Promise.all(Array.from({ length: calls }, (_, i) => conversation(i, seconds * 1_000)));
  const before = KINDS.map((kind) => platform.deaths(kind));

  const stop = new AbortController();
  const killing = killAtRandom(platform, { chance: chance(seed), everyMs, stop: stop.signal });
  const callers: Caller[] = [];
  for (const [i, { sound }] of talks.entries()) {
    callers.push(startCaller(i % 2 === 0 ? 'browser' : 'telephone', userOf(seed, i), sound, lines, i));
    await delay(APART_MS);
  }
  await Promise.all(callers.map(({ over }) => over));
  stop.abort();
  await killing;

  const listen = (chunks: Parameters<typeof undisturbed>[0]) => undisturbed(chunks, vad, engine);
  const until = Date.now() + OVER_LIMIT_MS;
  /** What stands in the log of a session once everything in it is over and told, or time is up. */
  const settled = async (ref: SessionRef) => {
    let events = await readSession(log, ref);
    for (; !isOver(events) && Date.now() < until; events = await readSession(log, ref)) await delay(POLL_MS);
    const histories = await historiesOf(ref, events, { audio, listen });
    for (;;) {
      const found = judge(events, histories);
      if (found.flaws.length === 0 || Date.now() > until) return { events, histories, found };
      await delay(POLL_MS);
      events = await readSession(log, ref);
    }
  };
  const report = { calls: 0, utterances: 0, finals: 0, lost: 0, doubled: 0, disordered: 0 };
  const flaws: string[] = [];
  const lateMs: number[] = [];
  for (const [i, caller] of callers.entries()) {
    const name = userOf(seed, i);
    const ref = { tenant: TENANT, session: sessionOfName(SECRET, { tenant: TENANT }, CHANNEL, name, 0) };
    const { events, histories, found } = await settled(ref);
    const { lost, doubled, disordered } = found;
    report.calls += histories.length;
    report.lost += lost;
    report.doubled += doubled;
    report.disordered += disordered;
    flaws.push(...found.flaws.map((flaw) => `${name}: ${flaw}`));
    for (const history of histories) {
      report.utterances += history.wanted.filter(({ kind }) => kind === 'started').length;
      report.finals += finalsOf(history.call, events).length;
      lateMs.push(...(await latenessOf(history, events, nc)));
    }
    const [only, ...more] = histories;
    const wrong = caller.resumes && (more.length > 0 ? 'called again' : differenceIn(only?.chunks ?? [], caller.sound));
    if (wrong) flaws.push(`${name}: ${wrong}; it ended as ${endsOf(events).join()}`);
  }
  return {
    ...report,
    deaths: Object.fromEntries(KINDS.map((kind, i) => [kind, platform.deaths(kind) - (before[i] ?? 0)])) as Record<
      Kind,
      number
    >,
    broken: callers.reduce((sum, { broken }) => sum + broken, 0),
    flaws,
    lateMs,
  };
}

const userOf = (seed: number, i: number): string => `caller-${seed}-${i}`;
