import { hash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { PlatformError } from '../errors/index.ts';
import type { ObjectStore } from './objects.ts';

/** A bucket of any store that speaks S3, addressed by path: `<endpoint>/<bucket>/<prefix><name>`. */
export interface Bucket {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Put before each name; ends in a slash where it is not empty. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 3;

/** Objects in a bucket. One PUT for each, which the store makes visible as a whole or not at all. */
export function bucketStore({ endpoint, bucket, prefix, ...credentials }: Bucket): ObjectStore {
  const client = new AwsClient({ ...credentials, service: 's3', retries: RETRIES });
  const base = `${endpoint.replace(/\/+$/u, '')}/${bucket}/`;
  const send = async (method: string, name: string, body?: Uint8Array): Promise<Response> => {
    const url = base + (prefix + name).split('/').map(encodeURIComponent).join('/');
    // With the body's hash in the signature, the store refuses what was changed on the way.
    const headers = { 'x-amz-content-sha256': hash('sha256', body ?? '') };
    const init = { method, headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
    try {
      return await client.fetch(url, body ? { ...init, body: Buffer.from(body) } : init);
    } catch (cause) {
      throw new PlatformError('archive.unavailable', `the bucket did not answer a ${method}`, {
        retry: 'later',
        cause,
      });
    }
  };

  return {
    async put(name, bytes) {
      await settled(await send('PUT', name, bytes), 'PUT');
    },
    async get(name) {
      const response = await send('GET', name);
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      return settled(response, 'GET');
    },
    async remove(name) {
      const response = await send('DELETE', name);
      if (response.status === 404) await response.body?.cancel();
      else await settled(response, 'DELETE');
    },
  };
}

async function settled(response: Response, method: string): Promise<Uint8Array> {
  try {
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
  } catch (cause) {
    throw new PlatformError('archive.unavailable', `the bucket broke off a ${method}`, { retry: 'later', cause });
  }
  const message = `the bucket answered a ${method} with status ${response.status}`;
  throw new PlatformError('archive.unavailable', message, { retry: 'later' });
}
