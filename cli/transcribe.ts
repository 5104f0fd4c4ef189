import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { placesOf, type GivenPlaces } from './config.ts';
import { UsageError } from './fault.ts';
import { problemOf, unreachable } from './gateway.ts';
import { columns, harmless, print, printJson } from './terminal.ts';

const Transcript = v.looseObject({
  text: v.string(),
  durationMs: v.number(),
  utterances: v.array(v.looseObject({ text: v.string(), fromMs: v.number(), engine: v.string() })),
  notTranscribed: v.array(v.looseObject({ fromMs: v.number(), reason: v.string() })),
});

export interface TranscribeOptions extends GivenPlaces {
  readonly locale?: string;
  /** A session that is told what was said. */
  readonly session?: string;
  readonly json?: boolean;
}

/** Lets a running platform listen to a recording, and prints what is said in it. */
export async function transcribe(file: string, options: TranscribeOptions): Promise<void> {
  const bytes = await readFile(file).catch(() => {
    throw new UsageError(`there is no file ${file}`);
  });
  const { url, apiKey } = await placesOf(options);
  const at = new URL(`${url}/v1/asr`);
  if (options.locale !== undefined) at.searchParams.set('locale', options.locale);
  if (options.session !== undefined) at.searchParams.set('session', options.session);
  const response = await fetch(at, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: new Uint8Array(bytes),
  }).catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  if (!response.ok) throw await problemOf(response);
  const transcript = v.parse(Transcript, await response.json());
  if (options.json) {
    printJson(transcript);
    return;
  }
  const { utterances, notTranscribed } = transcript;
  const said = utterances.map(({ fromMs, text, engine }) => ({ fromMs, row: [harmless(text), engine] }));
  const lost = notTranscribed.map(({ fromMs, reason }) => ({ fromMs, row: [`(nobody could make it out: ${reason})`] }));
  const all = [...said, ...lost].toSorted((a, b) => a.fromMs - b.fromMs);
  for (const line of columns(all.map(({ fromMs, row }) => [seconds(fromMs), ...row]))) print(line);
  if (all.length === 0) print(`Nobody speaks in ${seconds(transcript.durationMs)}.`);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
