import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the page as the gateway sends it. */
export interface ServedFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Files with an address of their own. */
const PAGES: Readonly<Record<string, string>> = { 'index.html': '/', 'desk.html': '/desk' };

const HEADERS = {
  // Nothing inline, nothing from elsewhere, and nobody may frame it.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(self), geolocation=()',
  'cache-control': 'no-cache',
} as const;

let files: ReadonlyMap<string, ServedFile> | undefined;

/** The page's file at a path, or undefined. The files are read when the first one is asked for, and kept. */
export function page(path: string): ServedFile | undefined {
  files ??= readPage();
  return files.get(path);
}

function readPage(): ReadonlyMap<string, ServedFile> {
  // Beside this file, or, where it is part of a bundle in dist/, beside the sources.
  const beside = join(import.meta.dirname, 'page');
  const folder = existsSync(beside) ? beside : join(import.meta.dirname, '..', 'console', 'page');
  const found = new Map<string, ServedFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const file: ServedFile = { type, body: new Uint8Array(readFileSync(join(folder, name))), headers: HEADERS };
    found.set(PAGES[name] ?? `/console/${name}`, file);
  }
  return found;
}
