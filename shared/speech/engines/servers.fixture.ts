import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { readWav } from '../wav.ts';
import { loud } from './loud.fixture.ts';

/** A server that somebody else would run. */
export interface StandIn {
  /** `127.0.0.1:port`. */
  readonly at: string;
  /** What it was asked with. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** How a server on WebSockets treats one connection. */
export type Manner = (socket: WebSocket, asked: string[]) => void;

/** A server on WebSockets that behaves like this. */
export async function webSocketServer(manner: Manner): Promise<StandIn> {
  const asked: string[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    manner(socket, asked);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/**
 * Vosk's server: alphacep/vosk-server @c2e82f0, websocket/asr_server.py. "config" has no answer; every other message has
 * one: `{"partial": ...}`, or `{"result": [{"conf","end","start","word"}], "text": ...}` at the end of a sentence. The
 * end is told by a text that is exactly `{"eof" : 1}`.
 */
export const vosk: Manner = (socket, asked) => {
  let heard = loud(16_000);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      heard.take(data);
      socket.send(JSON.stringify({ partial: textOf(heard) }));
      return;
    }
    const text = data.toString();
    asked.push(text);
    if (text.includes('config')) {
      heard = loud((JSON.parse(text) as { config: { sample_rate: number } }).config.sample_rate);
    } else if (text === '{"eof" : 1}') {
      const result = heard.words().map((word) => ({ conf: 0.9, ...word }));
      // FinalResult leaves "result" away where there is none.
      socket.send(JSON.stringify({ ...(result.length > 0 && { result }), text: textOf(heard) }), () => {
        socket.close();
      });
    }
  });
};

/** A Vosk server that takes the pause after every second word for the end of a sentence. */
export const voskInSentences: Manner = (socket) => {
  const heard = loud(16_000);
  let told = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) heard.take(data);
    else if (!data.toString().includes('eof')) return;
    const result = heard
      .words()
      .slice(told)
      .map((word) => ({ conf: 0.9, ...word }));
    const text = result.map(({ word }) => word).join(' ');
    if (isBinary && result.length < 2) {
      socket.send(JSON.stringify({ partial: text }));
      return;
    }
    told += result.length;
    socket.send(JSON.stringify({ result, text }));
  });
};

/**
 * A FunASR runtime: modelscope/FunASR @3c58cb5, runtime/docs/websocket_protocol.md. First a text that says mode, rate and
 * chunk size, then sound, then `{"is_speaking": false}`. "2pass-online" brings pieces of 600 ms, "2pass-offline" the whole
 * once more; `is_final` says that it is all. `python`: as runtime/python/websocket does, which says `is_final` never, and
 * nothing where nothing was said.
 */
export const funasr =
  (kind: 'runtime' | 'python' = 'runtime'): Manner =>
  (socket, asked) => {
    let mode = '2pass';
    let heard = loud(16_000);
    let told = 0;
    const tell = (pass: string, text: string, isFinal: boolean) => {
      socket.send(JSON.stringify({ mode: pass, wav_name: 'utterance', text, is_final: isFinal && kind === 'runtime' }));
    };
    const tellNew = (isFinal: boolean) => {
      const words = heard.words().slice(told);
      told += words.length;
      const text = words.map(({ word }) => `${word} `).join('');
      if (text !== '' || isFinal) tell(mode === '2pass' ? '2pass-online' : 'online', text, isFinal);
    };
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        heard.take(data);
        if (mode !== 'offline') tellNew(false);
        return;
      }
      asked.push(data.toString());
      const said = JSON.parse(data.toString()) as { mode?: string; audio_fs?: number; is_speaking: boolean };
      if (said.is_speaking) {
        mode = said.mode ?? mode;
        heard = loud(said.audio_fs ?? 16_000);
        return;
      }
      if (mode === 'online') tellNew(true);
      else tell(mode === '2pass' ? '2pass-offline' : 'offline', textOf(heard), true);
    });
  };

const textOf = (heard: ReturnType<typeof loud>): string =>
  heard
    .words()
    .map(({ word }) => word)
    .join(' ');

/** A server on HTTP that answers like this; `body`: what came, up to 4 MB. */
export async function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer, asked: string[]) => void,
): Promise<StandIn> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      answer(request, response, Buffer.concat(parts), asked);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/**
 * OpenAI's transcriptions ("Create transcription", API reference): `POST /v1/audio/transcriptions`, a form with `file`,
 * `model`, `language` and `response_format`; with `json` the answer is `{"text": ...}`.
 */
export const openai: Parameters<typeof httpServer>[0] = (request, response, body, asked) => {
  void formOf(request, body).then((form) => {
    const file = form?.get('file');
    asked.push(JSON.stringify({ path: request.url, key: request.headers.authorization, ...fieldsOf(form) }));
    if (!(file instanceof Blob)) {
      response.writeHead(400).end();
      return;
    }
    void file.arrayBuffer().then((bytes) => {
      const wav = readWav(new Uint8Array(bytes));
      if (!wav.ok) {
        response.writeHead(400).end();
        return;
      }
      const heard = loud(wav.rate);
      heard.take(new Uint8Array(wav.samples.buffer, wav.samples.byteOffset, wav.samples.byteLength));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text: textOf(heard) }));
    });
  });
};

/** Read by Node's own parser of forms, which has nothing to do with who wrote this one. */
const formOf = async (request: IncomingMessage, body: Buffer): Promise<FormData | undefined> =>
  new Response(new Uint8Array(body), { headers: { 'content-type': request.headers['content-type'] ?? '' } })
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- a few kilobytes, in a test
    .formData()
    .catch(() => undefined);

const fieldsOf = (form: FormData | undefined) =>
  Object.fromEntries([...(form ?? [])].filter(([, value]) => typeof value === 'string'));
