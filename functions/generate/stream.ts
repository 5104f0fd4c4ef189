import { createParser } from 'eventsource-parser';
import * as v from 'valibot';
import { PlatformError } from '../../shared/errors/index.ts';

/** What a streamed completion amounts to. */
export interface Written {
  readonly text: string;
  /** Prompt and answer together, where the server counts them. */
  readonly tokens?: number;
}

/** No answer of ours comes near either. */
const MOST_BYTES = 512 << 10;
const MOST_TEXT = 8_000;

/** What has come so far. */
interface Seen {
  text: string;
  tokens?: number;
  finish?: string;
  isOver: boolean;
}

/** A chunk of a chat completion, as far as it matters; servers add fields of their own. */
const Chunk = v.object({
  choices: v.optional(
    v.array(
      v.object({
        delta: v.optional(
          v.object({ content: v.nullish(v.string()), tool_calls: v.nullish(v.array(v.unknown())) }),
          {},
        ),
        finish_reason: v.nullish(v.string()),
      }),
    ),
    [],
  ),
  usage: v.nullish(v.object({ total_tokens: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) })),
  error: v.optional(v.unknown()),
});

/**
 * Reads `/chat/completions` as it is streamed: server-sent events with one chunk of JSON each, then `[DONE]`. Fails with
 * `model.malformed` for anything else, for an answer that was cut off, and for one that wants to act; with
 * `model.refused` where the server says that it will not answer. `onText` is told of each piece of the answer.
 */
export async function readCompletion(
  body: AsyncIterable<Uint8Array>,
  onText: (piece: string) => void,
): Promise<Written> {
  const seen: Seen = { text: '', isOver: false };
  const read = (data: string) => {
    if (seen.isOver || data === '') return;
    if (data === '[DONE]') {
      seen.isOver = true;
      return;
    }
    const { choices, usage, error } = chunkIn(data);
    if (error !== undefined && error !== null) throw refused('the model ended with an error');
    if (usage) seen.tokens = usage.total_tokens;
    for (const { delta, finish_reason } of choices.slice(0, 1)) {
      if (delta.tool_calls && delta.tool_calls.length > 0) throw malformed('the model wants to call something');
      if (finish_reason) seen.finish = finish_reason;
      if (!delta.content) continue;
      seen.text += delta.content;
      onText(delta.content);
      if (seen.text.length > MOST_TEXT) throw malformed('the answer is too long');
    }
  };
  const parser = createParser({
    onEvent: ({ data }) => {
      read(data);
    },
    maxBufferSize: MOST_BYTES,
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw malformed('the stream is too long');
    try {
      parser.feed(decoder.decode(piece, { stream: true }));
    } catch (cause) {
      if (cause instanceof PlatformError) throw cause;
      throw malformed('the stream is none of events', cause);
    }
    if (seen.isOver) break;
  }
  const { text, tokens, finish, isOver } = seen;
  if (finish === 'content_filter') throw refused('the model would not answer');
  if (!isOver && finish === undefined) throw malformed('the stream ended in the middle');
  if (finish !== undefined && finish !== 'stop') throw malformed('the answer was cut off');
  return { text, ...(tokens !== undefined && { tokens }) };
}

function chunkIn(data: string): v.InferOutput<typeof Chunk> {
  try {
    return v.parse(Chunk, JSON.parse(data));
  } catch (cause) {
    throw malformed('a chunk is not one of a chat completion', cause);
  }
}

/** What the model sent is not what was asked for. Never quotes it. */
export const malformed = (message: string, cause?: unknown): PlatformError =>
  new PlatformError('model.malformed', message, { retry: 'later', cause });

/** The endpoint says no. */
export const refused = (message: string, retryAfterMs?: number): PlatformError =>
  new PlatformError('model.refused', message, { retry: 'later', ...(retryAfterMs !== undefined && { retryAfterMs }) });
