import type { Msg, NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { requests, type Requests } from '../log/requests.ts';
import { CONVERSATIONS, SHADOW } from '../log/streams.ts';
import { typeSubject } from '../log/subjects.ts';
import { decode, type Cipher } from '../log/wire.ts';
import { readEvent } from '../runtime/read-event.ts';

const Answer = v.object({
  turn: v.string(),
  tenant: v.string(),
  session: v.string(),
  /** When the customer said it. */
  at: v.string(),
  /** Absent: nothing was sure enough. */
  intent: v.exactOptional(v.string()),
  confidence: v.number(),
  /** Milliseconds: of the classification alone for a shadow, from what was said to what was understood otherwise. */
  ms: v.number(),
});
/** What a model made of an utterance that it was shown beside the one that serves. */
export type ShadowAnswer = v.InferOutput<typeof Answer>;

/** A model's answers by turn, and whether they were given in earnest. */
export interface Answers {
  readonly model: string;
  readonly shadow: ReadonlyMap<string, ShadowAnswer>;
  readonly live: ReadonlyMap<string, ShadowAnswer>;
}

const BATCH = 500;
const NAMED_BY = 12;

/** Everything that these models have answered since a time, as shadows and in earnest. For operators: it reads it all. */
export async function answersOf(
  nc: NatsConnection,
  models: readonly string[],
  { since, cipher }: { readonly since?: Date; readonly cipher?: Cipher } = {},
): Promise<readonly Answers[]> {
  const send = requests(nc);
  const shadows = models.map(() => new Map<string, ShadowAnswer>());
  const lives = models.map(() => new Map<string, ShadowAnswer>());
  for (const [i, model] of models.entries()) {
    for await (const m of all(send, SHADOW, `shadow.intent.${model}.>`)) {
      const answer = v.safeParse(Answer, parsed(m.data));
      if (answer.success && isSince(answer.output.at, since)) shadows[i]?.set(answer.output.turn, answer.output);
    }
  }
  const said = new Map<string, string>();
  for await (const { headers } of all(send, CONVERSATIONS, typeSubject('utterance.received'), since)) {
    if (headers) said.set(headers.get('ce-id'), headers.get('ce-time'));
  }
  for (const type of ['intent.classified', 'intent.not-recognised']) {
    for await (const { headers, data } of all(send, CONVERSATIONS, typeSubject(type), since)) {
      const position = Number(headers?.get('Nats-Sequence'));
      const stored = headers && (await decode(headers, data, position, cipher));
      if (!stored || 'unreadable' in stored) continue;
      const event = readEvent(stored);
      if (event.type !== 'intent.classified' && event.type !== 'intent.not-recognised') continue;
      const at = said.get(event.turn ?? '');
      const which = models.findIndex((model) => event.data.model.endsWith(`@${model.slice(0, NAMED_BY)}`));
      if (which < 0 || at === undefined || event.turn === undefined) continue;
      lives[which]?.set(event.turn, {
        turn: event.turn,
        tenant: event.tenant,
        session: event.session,
        at,
        ...(event.type === 'intent.classified' && { intent: event.data.intent }),
        confidence: event.type === 'intent.classified' ? event.data.confidence : (event.data.best[0]?.confidence ?? 0),
        ms: Date.parse(event.time) - Date.parse(at),
      });
    }
  }
  return models.map((model, i) => ({ model, shadow: shadows[i] ?? new Map(), live: lives[i] ?? new Map() }));
}

const isSince = (at: string, since: Date | undefined): boolean => !since || Date.parse(at) >= since.getTime();

const parsed = (data: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(data).toString());
  } catch {
    return undefined;
  }
};

/** Every message of a stream on a subject, oldest first. */
async function* all(send: Requests, stream: string, subject: string, since?: Date): AsyncGenerator<Msg> {
  for (let from: object = since ? { start_time: since.toISOString() } : { seq: 1 }; ;) {
    const query = Buffer.from(JSON.stringify({ ...from, next_by_subj: subject, batch: BATCH }));
    const messages = await send.many(`$JS.API.DIRECT.GET.${stream}`, query);
    yield* messages;
    const last = messages.at(-1);
    if (!last) return;
    from = { seq: Number(last.headers?.get('Nats-Sequence')) + 1 };
  }
}
