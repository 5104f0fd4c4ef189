import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { advice, compare } from '../shared/deploy/compare.ts';
import { runCommand } from '../shared/deploy/command.ts';
import { plainSecrets } from '../shared/deploy/plain-secrets.ts';
import { promoted, withShare } from '../shared/deploy/release.ts';
import { freshSecrets } from '../shared/deploy/secrets.ts';
import { roles, shadow } from './deployments.ts';
import {
  manifestFiles,
  manifestsThere,
  README,
  RELEASE,
  ROOT,
  wantedManifests,
  wantedReadme,
} from './manifest-files.ts';

const HELP = `npm run manifests -- [options]: writes what clusters are given, from the registry of functions

  --check         only compares, and says what is stale
  --canary N      sends N of 100 requests to the newer version first
  --promote       makes the newer version the one that serves
  --secrets NAME  prints fresh secrets of a namespace, to be encrypted before they are kept`;

/** What is wrong with the manifests: stale ones with how to mend them, and secrets that anybody can read. */
async function check(): Promise<string> {
  const stale = compare(await wantedManifests(), await manifestsThere());
  const text = await readFile(new URL(README, ROOT), 'utf8');
  const readme = await wantedReadme(text);
  const all = [
    ...stale,
    ...(readme === undefined || readme === text ? [] : [{ path: README, why: 'changed' as const }]),
  ];
  const plain = plainSecrets(await manifestFiles()).map(
    ({ path, field }) => `${path}: ${field}: a secret in plain text\n`,
  );
  return `${all.length > 0 ? advice(all) : ''}${plain.join('')}`;
}

async function write(): Promise<void> {
  const wanted = await wantedManifests();
  for (const { path, why } of compare(wanted, await manifestsThere())) {
    const url = new URL(path, ROOT);
    if (why === 'left over') await rm(url);
    else {
      await mkdir(dirname(url.pathname), { recursive: true });
      await writeFile(url, wanted.get(path) ?? '');
    }
    process.stdout.write(`${path}\n`);
  }
  const readme = new URL(README, ROOT);
  const page = await wantedReadme(await readFile(readme, 'utf8'));
  if (page === undefined) process.stderr.write(`${README} is left as it is: there is no kubectl\n`);
  else await writeFile(readme, page);
}

/** Letters, digits, `-` and `_`, after a letter. */
const fresh = (bytes: number): string => `k${randomBytes(bytes).toString('base64url')}`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      canary: { type: 'string' },
      promote: { type: 'boolean', default: false },
      secrets: { type: 'string' },
    },
  });
  if (values.secrets !== undefined) {
    const documents = freshSecrets(values.secrets, [...roles, shadow], fresh).map((secret) =>
      stringify(secret, { lineWidth: 0 }),
    );
    process.stdout.write(documents.join('---\n'));
    return;
  }
  if (values.check) {
    const wrong = await check();
    process.stderr.write(wrong);
    if (wrong !== '') process.exitCode = 1;
    return;
  }
  const release = await readFile(RELEASE, 'utf8');
  if (values.canary !== undefined) await writeFile(RELEASE, withShare(release, Number(values.canary)));
  else if (values.promote) await writeFile(RELEASE, promoted(release));
  await write();
}

await runCommand(HELP, run);
