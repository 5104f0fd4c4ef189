import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import { folderStore } from './folder.ts';
import type { ObjectStore } from './objects.ts';
import { bucketStore } from './s3.ts';

/** Where the archive is kept: a folder, or a bucket of any store that speaks S3. */
export const ObjectsConfig = v.object({
  /** The folder that files are written to. */
  TURNSTREAM_ARCHIVE_DIR: v.exactOptional(v.string()),
  /** The bucket that files are written to, of any store that speaks S3. */
  TURNSTREAM_ARCHIVE_BUCKET: v.exactOptional(v.string()),
  TURNSTREAM_ARCHIVE_ENDPOINT: v.exactOptional(v.pipe(v.string(), v.url())),
  TURNSTREAM_ARCHIVE_REGION: v.optional(v.string(), 'us-east-1'),
  /** Put before the names of objects; ends in a slash. */
  TURNSTREAM_ARCHIVE_PREFIX: v.optional(v.pipe(v.string(), v.regex(/^(?:[^/].*\/)?$/u)), ''),
  TURNSTREAM_ARCHIVE_ACCESS_KEY: v.exactOptional(v.string()),
  TURNSTREAM_ARCHIVE_SECRET_KEY: v.exactOptional(v.string()),
});
export type ObjectsConfig = v.InferOutput<typeof ObjectsConfig>;

/** Whether the configuration names a store at all. */
export const namesObjects = (config: ObjectsConfig): boolean =>
  config.TURNSTREAM_ARCHIVE_DIR !== undefined || config.TURNSTREAM_ARCHIVE_BUCKET !== undefined;

/** The store that the configuration names. Fails with `config.invalid` where it names none, two, or half of one. */
export function objectsOf(config: ObjectsConfig): ObjectStore {
  const {
    TURNSTREAM_ARCHIVE_DIR: dir,
    TURNSTREAM_ARCHIVE_BUCKET: bucket,
    TURNSTREAM_ARCHIVE_ENDPOINT: endpoint,
    TURNSTREAM_ARCHIVE_ACCESS_KEY: accessKeyId,
    TURNSTREAM_ARCHIVE_SECRET_KEY: secretAccessKey,
  } = config;
  if ((dir === undefined) === (bucket === undefined)) {
    throw invalid('set TURNSTREAM_ARCHIVE_DIR or TURNSTREAM_ARCHIVE_BUCKET, one of them');
  }
  if (dir !== undefined) return folderStore(dir);
  if (bucket === undefined || !endpoint || !accessKeyId || !secretAccessKey) {
    throw invalid('a bucket needs TURNSTREAM_ARCHIVE_ENDPOINT, _ACCESS_KEY and _SECRET_KEY');
  }
  const { TURNSTREAM_ARCHIVE_REGION: region, TURNSTREAM_ARCHIVE_PREFIX: prefix } = config;
  return bucketStore({ endpoint, bucket, region, prefix, accessKeyId, secretAccessKey });
}

const invalid = (message: string) => new PlatformError('config.invalid', message, { retry: 'never' });
