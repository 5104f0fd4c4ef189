import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { HttpProblem, invalid, problem } from '../../shared/http/problem.ts';
import { parseStrictJson } from '../../shared/http/strict-json.ts';
import { bindingsOf, headerOf } from './header.ts';

interface BodyLimits {
  readonly bodyBytes: number;
  readonly bodyMs: number;
}

/** The body of a request, not empty. Fails with a problem, counting the bytes that really come. */
export async function bytesBody(c: Context, limits: BodyLimits): Promise<Buffer> {
  if (Number(headerOf(c, 'content-length') ?? 0) > limits.bodyBytes) throw tooLarge(limits);
  const { incoming } = bindingsOf(c);
  const bytes = await (incoming ? fromNode(incoming, limits) : fromWeb(c.req.raw, limits));
  if (bytes.length === 0) throw invalid('body', 'is empty');
  return bytes;
}

/** The JSON object in the body of a request. Fails with a problem for anything else. */
export async function jsonBody(c: Context, limits: BodyLimits): Promise<object> {
  const bytes = await bytesBody(c, limits);
  if (!isUtf8(bytes)) throw invalid('body', 'is not UTF-8');
  return objectIn(bytes.toString('utf8'));
}

function objectIn(text: string): object {
  const read = parseStrictJson(text);
  if ('value' in read) {
    // To the schemas an array is an object, too.
    if (typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value)) return read.value;
    throw invalid('body', 'is not an object');
  }
  throw read.twice === undefined ? invalid('body', 'is not JSON') : invalid(read.twice, 'occurs twice');
}

/** Straight from the connection: a web stream around it costs as much as the rest of the request. */
function fromNode(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: HttpProblem) => {
      clearTimeout(timer);
      reject(error);
    };
    const cut = () => {
      fail(invalid('body', 'was cut off'));
    };
    const timer = setTimeout(() => {
      fail(tooSlow());
    }, limits.bodyMs);
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limits.bodyBytes) chunks.push(chunk);
      else fail(tooLarge(limits));
    });
    incoming.on('end', () => {
      clearTimeout(timer);
      const [only] = chunks;
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks));
    });
    incoming.on('error', cut);
    incoming.on('close', () => {
      if (!incoming.readableEnded) cut();
    });
  });
}

async function fromWeb(request: Request, limits: BodyLimits): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limits.bodyBytes) throw tooLarge(limits);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// The rest of such a body is not read, so the connection cannot be used again.
const CLOSE = { connection: 'close' };

const tooLarge = ({ bodyBytes }: BodyLimits) =>
  new HttpProblem(
    problem(413, 'body-too-large', 'The request is too large', {
      errors: [{ field: 'body', message: `is longer than ${bodyBytes} bytes` }],
    }),
    CLOSE,
  );

const tooSlow = () =>
  new HttpProblem(
    problem(408, 'body-too-slow', 'The request took too long to arrive', {
      errors: [{ field: 'body', message: 'did not arrive in time' }],
    }),
    CLOSE,
  );
