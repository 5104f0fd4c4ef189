/** How a recording is written, as far as it can be taken in. */
export type Format = 'wav' | 'flac' | 'mp3' | 'vorbis' | 'opus';

const text = (bytes: Uint8Array, at: number, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.max(0, Math.min(length, bytes.length - at))).toString('latin1');

/** Tells from the first bytes how a recording is written, whatever its name or media type says. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  if (bytes.length < 12) return undefined;
  const magic = text(bytes, 0, 4);
  if (magic === 'RIFF' && text(bytes, 8, 4) === 'WAVE') return 'wav';
  if (magic === 'fLaC') return 'flac';
  if (magic === 'OggS') {
    // The first page holds the first packet of the codec.
    const page = text(bytes, 26, 64);
    if (page.includes('OpusHead')) return 'opus';
    return page.includes('\u0001vorbis') ? 'vorbis' : undefined;
  }
  if (magic.startsWith('ID3')) return 'mp3';
  // Eleven bits of a frame's beginning, and the layer III.
  const [first = 0, second = 0] = bytes;
  return first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) === 0x02 ? 'mp3' : undefined;
}
