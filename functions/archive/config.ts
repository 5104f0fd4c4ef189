import * as v from 'valibot';
import { ObjectsConfig } from '../../shared/archive/config.ts';
import { FunctionConfig } from '../../shared/config/config.ts';

const number = (min: number, max: number) => v.pipe(v.string(), v.toNumber(), v.minValue(min), v.maxValue(max));

/** What the archive takes from its environment. Either a folder or a bucket is named. */
export const ArchiveConfig = v.object({
  ...FunctionConfig.entries,
  /** Path of the tenants' file: it says after how many idle days sessions leave. */
  TURNSTREAM_TENANTS: v.string(),
  ...ObjectsConfig.entries,
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
