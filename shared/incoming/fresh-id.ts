import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';
import type { EventId } from '../../events/envelope.ts';

const POOL = Buffer.alloc(4_096);
let used = POOL.length;

/** A new id: a ULID. Randomness is drawn in bulk, since the library asks for it sixteen times an id. */
export const freshId = (nowMs: number): EventId => ulid(nowMs, random) as EventId;

function random(): number {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  return POOL.readUInt8(used++) / 256;
}
