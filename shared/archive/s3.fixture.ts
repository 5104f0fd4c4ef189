import { hash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { AwsV4Signer } from 'aws4fetch';
import type { Bucket } from './s3.ts';

/** A small stand-in for an S3 bucket on the loopback interface. */
export interface StandIn {
  readonly bucket: Bucket;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Each request as it was: method and path. */
  readonly requests: readonly string[];
  /** The next requests are answered with this status, and not carried out. */
  readonly fail: (status: number, times: number) => void;
  readonly stop: () => Promise<void>;
}

const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret-of-the-test', region: 'eu-test-1' };

/**
 * Knows PUT, GET and DELETE of objects addressed by path, and refuses what is not signed as it should be: it signs
 * every request again and compares.
 */
export async function startBucket(prefix = ''): Promise<StandIn> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  let failing = { status: 0, times: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { method = '', url = '' } = request;
      requests.push(`${method} ${url}`);
      if (failing.times > 0) {
        failing = { ...failing, times: failing.times - 1 };
        return response.writeHead(failing.status).end();
      }
      if (!(await isSigned(request, body))) return response.writeHead(403).end('SignatureDoesNotMatch');
      const key = decodeURIComponent(url);
      const found = objects.get(key);
      if (method === 'PUT') objects.set(key, body);
      if (method === 'DELETE') objects.delete(key);
      if (method === 'GET') return found ? response.end(found) : response.writeHead(404).end('NoSuchKey');
      return response.writeHead(method === 'DELETE' ? 204 : 200).end();
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    bucket: { ...KEYS, endpoint: `http://127.0.0.1:${port}`, bucket: 'conversations', prefix },
    objects,
    requests,
    fail: (status, times) => {
      failing = { status, times };
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function isSigned(request: IncomingMessage, body: Buffer): Promise<boolean> {
  const { authorization = '', host = '' } = request.headers;
  const datetime = String(request.headers['x-amz-date']);
  const sha256 = String(request.headers['x-amz-content-sha256']);
  if (sha256 !== hash('sha256', body)) return false;
  const signer = new AwsV4Signer({
    ...KEYS,
    service: 's3',
    method: request.method ?? '',
    url: `http://${host}${request.url ?? ''}`,
    headers: { 'x-amz-content-sha256': sha256 },
    datetime,
  });
  return authorization === (await signer.authHeader());
}
