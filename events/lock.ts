import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { catalogue } from './catalogue.ts';
import { differences, locked, type Lock } from './locked.ts';

// node events/lock.ts               locks new revisions; refuses to touch a locked one
// node events/lock.ts --unreleased  also replaces what has changed, because nobody has stored it yet
// node events/lock.ts --check       changes nothing; fails where the catalogue and its lock differ

const FILE = new URL('catalogue.lock.json', import.meta.url);
const { values } = parseArgs({ options: { check: { type: 'boolean' }, unreleased: { type: 'boolean' } } });
const lock = JSON.parse(readFileSync(FILE, 'utf8')) as Lock;
const found = differences(catalogue, lock);
const refused = values.unreleased
  ? found.filter(({ kind }) => kind === 'gone')
  : found.filter(({ kind }) => values.check === true || kind !== 'new');

if (refused.length > 0) {
  for (const { message } of refused) console.error(message);
  process.exitCode = 1;
} else if (!values.check) {
  writeFileSync(FILE, `${JSON.stringify(locked(catalogue, lock), undefined, 2)}\n`);
}
