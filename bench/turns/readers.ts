import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { LoadSession } from '../load/protocol.ts';

/** What one reader was sent. */
export interface Read {
  readonly position: number;
  readonly type: string;
  readonly turn: string | undefined;
}

/** Readers of sessions over server-sent events. */
export interface Readers {
  /** What the reader of each session has got so far. */
  readonly read: () => readonly (readonly Read[])[];
  stop(): void;
}

/** Opens an event stream for each session and resolves when all of them are open. */
export async function startReaders(port: number, sessions: readonly LoadSession[]): Promise<Readers> {
  const read: Read[][] = sessions.map(() => []);
  const open = await Promise.all(
    sessions.map(
      ({ id, key }, i) =>
        new Promise<ClientRequest>((resolve, reject) => {
          const path = `/v1/sessions/${id}/events`;
          const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
          const opening = request({ port, host: '127.0.0.1', path, headers, agent: false }, (response) => {
            if (response.statusCode !== 200) {
              reject(new Error(`an event stream was refused with ${String(response.statusCode)}`));
              return;
            }
            collect(response, (event) => read[i]?.push(event));
            resolve(opening);
          });
          opening.on('error', reject);
          opening.end();
        }),
    ),
  );
  return {
    read: () => read,
    stop() {
      for (const each of open) each.destroy();
    },
  };
}

function collect(response: IncomingMessage, push: (event: Read) => void): void {
  let rest = '';
  response.setEncoding('utf8');
  // Destroyed at the end of the bench.
  response.on('error', () => undefined);
  response.on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, id, data] = /^id: (\d+)\ndata: (.*)$/u.exec(block) ?? [];
      if (id === undefined || data === undefined) continue;
      const { type, turn } = JSON.parse(data) as { readonly type: string; readonly turn?: string };
      push({ position: Number(id), type, turn });
    }
  });
}

/** What is wrong with what a reader got of a session in which so many turns were accepted; undefined: nothing. */
export function complaint(read: readonly Read[], turns: number): string | undefined {
  for (const [i, { position }] of read.entries()) {
    if (i > 0 && position <= (read[i - 1]?.position ?? 0)) return `position ${position} came twice or too late`;
  }
  const begun = read.filter(({ type }) => type === 'utterance.received');
  const ended = read.filter(({ type }) => type.startsWith('turn.'));
  if (begun.length !== turns) return `${begun.length} of ${turns} utterances`;
  if (new Set(ended.map(({ turn }) => turn)).size !== turns || ended.length !== turns) {
    return `${ended.length} endings of ${turns} turns`;
  }
  return undefined;
}
