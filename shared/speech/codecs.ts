import g711 from 'alawmulaw';
import type { Codec } from './chunk.ts';

// A CommonJS package whose names Node does not see.
const { alaw, mulaw } = g711;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Samples of sound as it travels, G.711 or linear in 16 bits, little-endian. An odd last byte is left out. */
export function toLinear(sound: Uint8Array, codec: Codec): Int16Array {
  if (codec === 'mulaw') return mulaw.decode(sound);
  return codec === 'alaw' ? alaw.decode(sound) : fromBytes(sound);
}

/** Samples as they travel. The inverse of `toLinear` for `l16`; for the two laws, of what they can express. */
export function fromLinear(samples: Int16Array, codec: Codec): Uint8Array {
  if (codec === 'mulaw') return mulaw.encode(samples);
  return codec === 'alaw' ? alaw.encode(samples) : toBytes(samples);
}

/** Samples from -1 to 1, as models take them. */
export function toFloats(samples: Int16Array): Float32Array {
  const floats = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) floats[i] = (samples[i] ?? 0) / 32_768;
  return floats;
}

/** The nearest samples in 16 bits; what is louder than 1 is cut off, what is no number is silence. */
export function fromFloats(floats: Float32Array): Int16Array {
  const samples = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i += 1) {
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round((floats[i] ?? 0) * 32_768)));
  }
  return samples;
}

function fromBytes(sound: Uint8Array): Int16Array {
  const even = sound.length - (sound.length % 2);
  // A copy, because a view must begin at an even place of its buffer.
  const bytes = new Uint8Array(sound.subarray(0, even));
  return new Int16Array(isLittleEndian ? bytes.buffer : Buffer.from(bytes).swap16().buffer);
}

function toBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.slice().buffer);
  return isLittleEndian ? bytes : Buffer.from(bytes).swap16();
}
