import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PlatformError } from '../../errors/index.ts';
import { readEncoder } from './encoder.ts';
import type { Encoder } from './shape.ts';

/** From this file, or from a bundle in a folder of the project. */
const UP = import.meta.url.endsWith('.ts') ? '../../../' : '../';
const FOLDER = new URL(`${UP}models/intent-start/`, import.meta.url);
/** What training/ gave: another file is refused, so that a training tells what it started from. */
const SHA_256 = '7ebe46e34cbd95234039516d6faba5fa515b3dc491c0fbd35b3e0e41f317967a';

/** The encoder that comes with the project, `models/intent-start`; `nlu.net-refused` where its file is another. */
export function shippedEncoder(): Encoder {
  const file = readFileSync(new URL('model.onnx', FOLDER));
  if (createHash('sha256').update(file).digest('hex') !== SHA_256) {
    throw new PlatformError('nlu.net-refused', 'the shipped encoder is not the one that was shipped', {
      retry: 'never',
    });
  }
  return readEncoder(file);
}
