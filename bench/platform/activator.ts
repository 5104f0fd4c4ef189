import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from './chance.ts';
import type { Pod } from './pods.ts';

/** Requests that Knative's activator keeps for a revision; the next one gets 503. */
const QUEUE = 10_000;

/** What stands before the pods of one function: Knative's activator, and the queue-proxy of each pod. */
export interface Activator {
  readonly url: string;
  /** A pod is ready, or has room again. */
  dispatch(): void;
  /** Requests under way or waiting, on average since it was last asked. */
  readonly averageConcurrency: () => number;
  /** What was answered, by status or fault. */
  readonly counts: () => Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export interface ActivatorOptions {
  readonly ready: () => readonly Pod[];
  readonly settled: (pod: Pod) => void;
  /** Requests that a queue-proxy lets through to its container at a time. */
  readonly containerConcurrency: number;
  readonly fate: () => keyof Faults | undefined;
  /** Called with the first request after a time without any, so that the autoscaler need not wait for its tick. */
  readonly onFirst: () => void;
}

interface Job {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly fate: keyof Faults | undefined;
}

/** Buffers requests until a pod has room, and passes them on. It stays in the path of every request. */
export async function startActivator(options: ActivatorOptions): Promise<Activator> {
  const { ready, settled, containerConcurrency, fate, onFirst } = options;
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 4_000 });
  const queue: Job[] = [];
  const counts: Record<string, number> = {};
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1);
  const load = concurrency();

  const dispatch = () => {
    while (queue.length > 0) {
      const pod = ready().reduce<Pod | undefined>((a, b) => (a && a.active <= b.active ? a : b), undefined);
      if (!pod || pod.active >= containerConcurrency) return;
      const job = queue.shift();
      if (!job) return;
      // Whoever asked has gone.
      if (job.response.destroyed) continue;
      void forward(job, pod);
    }
  };
  const forward = async (job: Job, pod: Pod) => {
    pod.active++;
    if (job.fate === 'doubled') void send(pod, job, agent);
    const answer = await send(pod, job, agent);
    pod.active--;
    settled(pod);
    if (job.fate === 'droppedAfter') job.response.destroy();
    // As a queue-proxy says it whose container has ended.
    else job.response.writeHead(answer?.status ?? 502, [...(answer?.headers ?? [])]).end(answer?.body);
    count(job.fate ?? String(answer?.status ?? 502));
  };
  const take = (incoming: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const drawn = fate();
    if (drawn === 'refused' || queue.length >= QUEUE) {
      count('refused');
      response.writeHead(503).end();
      return;
    }
    if (drawn === 'droppedBefore') {
      count(drawn);
      response.destroy();
      return;
    }
    if (load.begin() === 1 && ready().length === 0) onFirst();
    response.once('close', () => {
      load.end();
    });
    queue.push({ incoming, response, body, fate: drawn });
    dispatch();
  };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    incoming.once('end', () => {
      take(incoming, response, Buffer.concat(chunks));
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dispatch,
    averageConcurrency: load.average,
    counts: () => counts,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Undefined where the pod did not answer. */
function send({ url }: Pod, { incoming, body }: Job, agent: Agent): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const { method, url: path, rawHeaders: headers } = incoming;
    const request = httpRequest(
      { hostname: url?.hostname, port: url?.port, method, path, headers, agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => undefined);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 502, headers: response.rawHeaders, body: Buffer.concat(chunks) });
        });
        response.once('close', () => {
          resolve(undefined);
        });
      },
    );
    request.once('error', () => {
      resolve(undefined);
    });
    request.end(body);
  });
}

/** How many at a time, averaged over time as queue-proxy and activator report it. */
function concurrency() {
  let now = 0;
  let area = 0;
  let since = performance.now();
  let from = since;
  const pass = () => {
    const at = performance.now();
    area += now * (at - since);
    since = at;
  };
  return {
    begin() {
      pass();
      return ++now;
    },
    end() {
      pass();
      now--;
    },
    average: () => {
      pass();
      const average = since > from ? area / (since - from) : now;
      area = 0;
      from = since;
      return average;
    },
  };
}
