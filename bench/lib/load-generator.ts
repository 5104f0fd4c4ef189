import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromLoad, LoadOrder, LoadResult, LoadSetup, ToLoad } from '../load/protocol.ts';

const MAIN = fileURLToPath(new URL('../load/main.ts', import.meta.url));

/** The load generator, in a process of its own. */
export interface LoadGenerator {
  readonly pid: number;
  /** Does one thing and resolves with what came of it. */
  run(order: LoadOrder, onProgress?: (done: number) => void): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts a load generator that talks to a port of this machine. */
export async function startLoad(setup: LoadSetup): Promise<LoadGenerator> {
  const child = fork(MAIN, { serialization: 'advanced', execArgv: [] });
  let hear: (message: FromLoad) => void = () => undefined;
  child.on('message', (message: FromLoad) => {
    hear(message);
  });
  const send = (message: ToLoad) => child.send(message);
  const listen = <T>(pick: (message: FromLoad) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = () => {
        reject(new Error('the load generator ended by itself'));
      };
      child.once('exit', ended);
      hear = (message) => {
        if ('failed' in message) reject(new Error(message.failed));
        const picked = pick(message);
        if (picked === undefined) return;
        child.off('exit', ended);
        resolve(picked);
      };
    });
  const ready = listen((message) => ('ready' in message ? true : undefined));
  send({ setup });
  await ready;
  return {
    pid: child.pid ?? 0,
    run(order, onProgress = () => undefined) {
      const result = listen((message) => {
        if ('done' in message) onProgress(message.done);
        return 'result' in message ? message.result : undefined;
      });
      send({ order });
      return result;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
