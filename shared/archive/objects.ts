/**
 * Where the archive keeps its files. An object is there as a whole or not at all, under a name like
 * `tenant=acme/day=2026-02-03/1-900-0a1b.parquet`. Every method fails with `archive.unavailable` (retry later).
 */
export interface ObjectStore {
  /** Writes an object, in place of one that has the name already. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Reads an object; undefined where there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Removes an object. Nothing happens where there is none. */
  remove(name: string): Promise<void>;
}
