import { gunzipSync, inflateRawSync } from 'node:zlib';

/**
 * The bytes of the one file of this name in a .tar.gz or .zip. Reading only that one, there is no path in the archive
 * that could lead out of a folder, and no tool the machine must have.
 */
export function fileInArchive(archive: Buffer, archiveName: string, fileName: string): Buffer | undefined {
  return archiveName.endsWith('.zip') ? fileInZip(archive, fileName) : fileInTar(gunzipSync(archive), fileName);
}

function fileInTar(tar: Buffer, fileName: string): Buffer | undefined {
  for (let at = 0; at + 512 <= tar.length;) {
    const name = textAt(tar, at, 100);
    const size = Number.parseInt(textAt(tar, at + 124, 12).trim() || '0', 8);
    const isFile = ['0', ''].includes(textAt(tar, at + 156, 1));
    if (Number.isNaN(size)) return undefined;
    const start = at + 512;
    if (isFile && isNamed(name, fileName) && start + size <= tar.length) return tar.subarray(start, start + size);
    at = start + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

function fileInZip(zip: Buffer, fileName: string): Buffer | undefined {
  // The directory stands at the end, because only there are the sizes always known.
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) return undefined;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (isNamed(name, fileName)) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const content = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return undefined;
}

function isNamed(path: string, fileName: string): boolean {
  return path === fileName || path.endsWith(`/${fileName}`);
}

function textAt(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('latin1', start, start + (end < 0 ? length : end));
}
