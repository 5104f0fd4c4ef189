import type { ServerResponse } from 'node:http';
import { startReceiver, type Behaviour, type Receiver } from '../../shared/egress/receiver.fixture.ts';

/** What a stand-in was asked. */
export interface AskedOf {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream: boolean;
  readonly max_tokens: number;
}

/** A server that speaks `/v1/chat/completions` as it is published, streamed. */
export interface ModelServer extends Receiver {
  /** Where its API begins. */
  readonly base: string;
  readonly asked: () => readonly AskedOf[];
}

/** Starts a stand-in on loopback. */
export async function startModelServer(first: Behaviour): Promise<ModelServer> {
  const receiver = await startReceiver(first);
  return Object.assign(receiver, {
    base: `http://127.0.0.1:${receiver.port}/v1`,
    asked: () => receiver.received.map(({ body }) => JSON.parse(body) as AskedOf),
  });
}

/** Begins a stream. */
export const begin = (response: ServerResponse): ServerResponse => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  return event(response, { choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
};

/** Sends one event. */
export function event(response: ServerResponse, data: object | string): ServerResponse {
  response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  return response;
}

/** Sends a piece of the answer. */
export const piece = (response: ServerResponse, content: string): ServerResponse =>
  event(response, { choices: [{ index: 0, delta: { content }, finish_reason: null }] });

/** Ends a stream as it ends when all was said. */
export function end(response: ServerResponse, tokens: number, finish = 'stop'): void {
  event(response, { choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  event(response, { choices: [], usage: { prompt_tokens: tokens - 1, completion_tokens: 1, total_tokens: tokens } });
  event(response, '[DONE]').end();
}

/** Says a text, in pieces that do not keep to words. */
export const saying =
  (text: string, tokens = 50): Behaviour =>
  (response) => {
    begin(response);
    for (const part of text.match(/[\s\S]{1,5}/gu) ?? []) piece(response, part);
    end(response, tokens);
  };

/** Answers with a page. */
export const page =
  (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<html><h1>It works!</h1></html>');
  };
