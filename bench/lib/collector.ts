import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from './children.ts';

const SELF = fileURLToPath(import.meta.url);
const READY = 'collecting on ';

/** Starts something that takes spans and forgets them, so that tracing costs what it costs with a real collector. */
export async function startCollector(): Promise<Child & { readonly url: string }> {
  const isReady = (line: string) => line.startsWith(READY);
  const child = await startChild({ name: 'collector', args: [SELF], env: {}, isReady });
  return { ...child, url: child.ready.slice(READY.length) };
}

// Run as a process of its own, this file is the collector.
if (process.argv[1] === SELF) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    process.stdout.write(`${READY}http://127.0.0.1:${port}\n`);
  });
}
