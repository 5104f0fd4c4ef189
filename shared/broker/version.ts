/**
 * The version that is fetched when the machine has none, and the one the tests run on.
 * Raising it is this line and, beside it, `CHECKSUMS`.
 */
export const PINNED = '2.15.2';

/**
 * SHA-256 of the official archives of `PINNED`, by file name; one that is listed here decides alone.
 *
 * Empty, because no checksum of 2.15.2 could be had from a second source when it was pinned. Until somebody who can reach
 * the release copies its lines here, the release's own SHA256SUMS is fetched and checked instead. That finds a broken
 * download, and not a release that was replaced as a whole: against that stands only the host's TLS certificate.
 */
export const CHECKSUMS: Readonly<Record<string, string>> = {};

/** The supported versions, in words, for an error message. */
export const MINIMUM = '2.12.7 in the 2.12 line, or 2.14.0 and newer';

/**
 * Whether a nats-server of this version may hold conversations. Older ones let one account purge another's streams, and
 * ignore headers and options they do not know without a word.
 */
export function isSupported(version: string): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)(-.+)?$/.exec(version);
  if (!parts) return false;
  const [major = 0, minor = 0, patch = 0] = parts.slice(1, 4).map(Number);
  // A pre-release (2.14.0-RC.1) comes before the release it is named after.
  const reached = (least: number) => patch > least || (patch === least && parts[4] === undefined);
  if (major !== 2) return major > 2;
  if (minor === 12) return reached(7);
  if (minor === 14) return reached(0);
  return minor > 14;
}
