import * as v from 'valibot';
import { folderStore } from '../../shared/archive/folder.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import { bucketStore } from '../../shared/archive/s3.ts';
import { FunctionConfig } from '../../shared/config/config.ts';
import { PlatformError } from '../../shared/errors/index.ts';

const number = (min: number, max: number) => v.pipe(v.string(), v.toNumber(), v.minValue(min), v.maxValue(max));

/** What the archive takes from its environment. Either a folder or a bucket is named. */
export const ArchiveConfig = v.object({
  ...FunctionConfig.entries,
  /** Path of the tenants' file: it says after how many idle days sessions leave. */
  TURNSTREAM_TENANTS: v.string(),
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
  /** Archive what has been quiet for so many hours, long before it leaves the log. */
  TURNSTREAM_ARCHIVE_QUIET_HOURS: v.exactOptional(number(0, 24 * 365)),
  /** Tenants, separated by commas, whose files can be read without keys. */
  TURNSTREAM_ARCHIVE_PLAIN: v.optional(
    v.pipe(
      v.string(),
      v.transform((s) => s.split(',').map((tenant) => tenant.trim())),
    ),
    '',
  ),
  TURNSTREAM_ARCHIVE_EVERY_SECONDS: v.optional(number(1, 86_400), '60'),
});
export type ArchiveConfig = v.InferOutput<typeof ArchiveConfig>;

/** The store that the configuration names. Fails with `config.invalid` where it names none, two, or half of one. */
export function objectsOf(config: ArchiveConfig): ObjectStore {
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
