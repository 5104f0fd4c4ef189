import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { conversation, publishableBot } from '../cli/testing.ts';
import { publishBot } from '../shared/bot/store.ts';
import { GroupConfig, RelayConfig } from '../shared/config/config.ts';
import { TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startMetrics } from '../shared/telemetry/metrics.ts';
import { readTenants, TenantsConfig } from '../shared/tenancy/tenants.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { PROCESSES } from '../tsup.config.ts';
import { ArchiveConfig } from './archive/config.ts';
import { AsrConfig } from './asr/config.ts';
import { DeliverConfig } from './deliver/config.ts';
import { GatewayProcessConfig } from './gateway/config.ts';
import { VoiceConfig } from './voice/config.ts';

// docs/ops.md and docs/alerts.yml: what they name is there, and what they say is done.

const ROOT = new URL('../', import.meta.url);
const textOf = (path: string) => readFile(new URL(path, ROOT), 'utf8');
const page = await textOf('docs/ops.md');

interface Block {
  readonly language: string;
  readonly how: string;
  readonly command: string;
}
const all: readonly Block[] = [...page.matchAll(/^```(\S*) ?(.*)\n([^]*?)\n```$/gmu)].map(
  ([, language = '', how = '', command = '']) => ({ language, how, command }),
);
const blocks = all.filter(({ language }) => language !== 'yaml');
const NEEDS = ['needs=cluster', 'needs=registry', 'needs=machine'];

it.each(blocks)('says how it is known to work: $command', async ({ language, how, command }) => {
  expect(language).toBe('sh');
  const [, test] = /^tested=(\S+)$/u.exec(how) ?? [];
  if (test !== undefined) await access(new URL(test, ROOT));
  else expect([...NEEDS, 'run']).toContain(how);
  const scripts = Object.keys((JSON.parse(await textOf('package.json')) as { scripts: object }).scripts);
  for (const [, script] of command.matchAll(/npm run (?:--silent )?(\w+)/gu)) expect(scripts).toContain(script);
  for (const [path] of command.matchAll(/(?:knative|docs)\/[\w/.-]*\w/gu)) {
    // Encrypted, and made by each installation.
    if (!path.includes('secrets.enc')) await access(new URL(path, ROOT));
  }
});

it.each(all.filter(({ language }) => language === 'yaml'))("shows a tenants' file: $command", ({ command }) => {
  expect(readTenants(parse(command)).size).toBeGreaterThan(0);
});

it('tells every field of a tenant, and every variable of a process', () => {
  const tenants = page.slice(page.indexOf('### Tenants'), page.indexOf('### Systems of tenants'));
  const fields = [...tenants.matchAll(/^\| `(\w+)`/gmu)].map(([, field]) => field);
  expect(fields.toSorted()).toEqual(Object.keys(TenantsConfig.entries.tenants.value.entries).toSorted());

  const variables = page.slice(page.indexOf('### Variables'), page.indexOf('### Without internet'));
  const told = [...variables.matchAll(/^\| (`.*?) +\|/gmu)].flatMap(([, cell = '']) => namesOf(cell));
  expect(told.toSorted()).toEqual(
    Object.keys(SETTINGS)
      .filter((name) => name !== 'TURNSTREAM_FAILPOINT')
      .toSorted(),
  );
});

/** What processes read, together. A failpoint is for tests. */
const SETTINGS = {
  ...GroupConfig.entries,
  ...RelayConfig.entries,
  ...GatewayProcessConfig.entries,
  ...VoiceConfig.entries,
  ...AsrConfig.entries,
  ...ArchiveConfig.entries,
  ...DeliverConfig.entries,
  ...TelemetryEnvironment.entries,
};

/** The variables that a cell of the table names: `_KEY` after `TURNSTREAM_TTS_URL` is `TURNSTREAM_TTS_KEY`. */
function namesOf(cell: string): readonly string[] {
  const written = [...cell.matchAll(/`(\w+)`/gu)].map(([, name = '']) => name);
  const stem = /^[A-Z]+_[A-Z]+/u.exec(written[0] ?? '')?.[0] ?? '';
  return written.map((name) => (name.startsWith('_') ? stem + name : name));
}

/** Runs the block that is like this, as it stands on the page. Returns what it prints. */
async function runBlock(like: RegExp, variables: Readonly<Record<string, string>>): Promise<string> {
  const found = blocks.find(({ how, command }) => how === 'run' && like.test(command));
  if (!found) throw new Error(`no block that is run is like ${String(like)}`);
  const env = { ...process.env, ...variables };
  const { stdout } = await promisify(execFile)('sh', ['-euc', found.command], { cwd: ROOT, env });
  return stdout;
}

describe('the blocks that are run', () => {
  let broker: TestServer;
  let dir: string;
  beforeAll(async () => {
    broker = await startBroker();
    dir = await mkdtemp(join(tmpdir(), 'turnstream-ops-'));
  });
  afterAll(async () => {
    await broker.stop();
    await rm(dir, { recursive: true });
  });

  const run = (like: RegExp) =>
    runBlock(like, { NATS_URL: broker.url, STORE: broker.dir, BACKUP: join(dir, 'backup.tar') });

  it('are known here, every one', () => {
    expect(blocks.filter(({ how }) => how === 'run').length).toBe(8);
  });

  it('check and build the manifests', { timeout: 60_000 }, async () => {
    await run(/manifests/u);
  });

  it('provision a log, save it, and bring it back as it was', { timeout: 60_000 }, async () => {
    await run(/provision/u);
    const nc = await broker.nc();
    await publishBot(nc, publishableBot);
    await conversation(nc, ['hello', 'where is my parcel']);
    const jsm = await jetstreamManager(nc);
    const { state } = await jsm.streams.info('CONV');
    expect(state.messages).toBeGreaterThan(0);

    await broker.kill();
    await run(/ -cf /u);
    for (const entry of await readdir(broker.dir)) await rm(join(broker.dir, entry), { recursive: true });
    await run(/ -xf /u);
    await broker.restart();
    expect((await jsm.streams.info('CONV')).state).toMatchObject({
      messages: state.messages,
      last_seq: state.last_seq,
    });
    expect(await run(/verify/u)).not.toBe('');
  });
});

describe('a machine that is set up as the page says', () => {
  const broker = startBroker();
  const running: ChildProcess[] = [];
  let etc: string;
  beforeAll(async () => {
    etc = await mkdtemp(join(tmpdir(), 'turnstream-etc-'));
  });
  afterAll(async () => {
    await Promise.all(
      running.map(async (child) => {
        const ended = once(child, 'exit');
        if (child.kill('SIGTERM')) await ended;
      }),
    );
    await (await broker).stop();
    await rm(etc, { recursive: true });
  });

  it('answers its tenant', { timeout: 60_000 }, async () => {
    const { url: NATS_URL } = await broker;
    const env = { NATS_URL, ETC: etc };
    await runBlock(/provision --nats/u, env);
    const KEY = (await runBlock(/tenants\.yml/u, env)).trim();
    await runBlock(/common\.env/u, env);

    const [units = ''] = /turnstream@turn .*/u.exec(page) ?? [];
    const started = [...units.matchAll(/@(\w+)/gu)].map(([, name = '']) => name);
    expect(started).toContain('gateway');
    const urls = await Promise.all(started.map((name) => start(name)));
    const GATEWAY = urls[started.indexOf('gateway')] ?? '';
    const answer = await runBlock(/v1\/chat/u, { ...env, KEY, GATEWAY });
    expect(JSON.parse(answer)).toMatchObject({ ending: 'replied', locale: 'en' });
  });

  /** Starts a process as its unit does, on free ports. Returns where it serves, where it says so. */
  async function start(name: string): Promise<string> {
    const files = await Promise.all(['common', name].map((file) => readFile(join(etc, `${file}.env`), 'utf8')));
    const lines = [...files.join('').matchAll(/^(\w+)=(.*)$/gmu)];
    const told = Object.fromEntries(lines.map(([, variable = '', value = '']) => [variable, value]));
    const child = spawn(process.execPath, [PROCESSES[name as keyof typeof PROCESSES]], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...told, TURNSTREAM_PORT: '0', TURNSTREAM_OPS_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    await expect.poll(() => said, { timeout: 30_000 }).toContain('"msg":"ready"');
    return /"url":"([^"]+)"/u.exec(said)?.[1] ?? '';
  }
});

const Rules = v.object({
  groups: v.array(
    v.object({
      name: v.string(),
      rules: v.array(
        v.strictObject({
          alert: v.string(),
          expr: v.string(),
          for: v.optional(v.pipe(v.string(), v.regex(/^\d+m$/u))),
          labels: v.strictObject({ severity: v.picklist(['page', 'ticket']) }),
          annotations: v.strictObject({ summary: v.string() }),
        }),
      ),
    }),
  ),
});
const rules = v.parse(Rules, parse(await textOf('docs/alerts.yml'))).groups.flatMap((group) => group.rules);

/** Everything that is counted, as Prometheus reads it: the labels of each metric. */
async function counted(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const metrics = startMetrics();
  metrics.request('GET', '/v1', 200, 1);
  metrics.turnEnded('acme', 'replied');
  metrics.turnTook('replied', 1);
  metrics.step('intent', 'appended', 1);
  metrics.redelivery('intent');
  metrics.conflict('policy');
  metrics.deadLetter('ts-turn', 'some.code');
  metrics.modelRefused('some.code');
  metrics.relayed('intent', '200', 1);
  metrics.watchRelay(() => [{ group: 'intent', inFlight: 0, waiting: 0, breaker: 'closed' }]);
  metrics.watchBreakers('action', () => 0);
  metrics.watchConsumers(() => Promise.resolve([{ consumer: 'ts-turn', lag: 0, ackPending: 0 }]));
  const text = await metrics.text();
  await metrics.stop();
  const samples = [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+/gmu)];
  return new Map(samples.map(([, name = '', labels = '']) => [name, new Set(namesIn(labels))]));
}

const namesIn = (labels: string) => [...labels.matchAll(/(\w+)(?:=|!=|=~|!~)"/gu)].map(([, name = '']) => name);
const METRIC = /((?:turnstream|http|nodejs|process)_\w+)(?:\{([^}]*)\})?/gu;
const BY = /\bby \(([^)]*)\)/gu;

describe.each(rules)('the alert $alert', ({ alert, expr, annotations }) => {
  it('looks at metrics and labels that exist', async () => {
    const there = await counted();
    const asked = [...expr.matchAll(METRIC)];
    expect(asked.length).toBeGreaterThan(0);
    for (const [, name = '', labels = ''] of asked) {
      expect([...there.keys()]).toContain(name);
      const by = [...expr.matchAll(BY)].flatMap(([, names = '']) => names.split(', '));
      expect([...(there.get(name) ?? [])]).toEqual(expect.arrayContaining([...namesIn(labels), ...by]));
      const told = [...annotations.summary.matchAll(/\$labels\.(\w+)/gu)].map(([, label]) => label);
      expect([...(there.get(name) ?? [])]).toEqual(expect.arrayContaining(told));
    }
  });

  it('is explained', () => {
    expect(page).toMatch(new RegExp(`^### ${alert}\\n\\n\\S`, 'mu'));
  });
});

it('explains no alert that there is not', () => {
  const explained = [...page.slice(page.indexOf('## Alerts')).matchAll(/^### (\w+)$/gmu)].map(([, name]) => name);
  expect(explained).toEqual(rules.map(({ alert }) => alert));
});

it('has units for processes that are bundled', async () => {
  const started = [...page.matchAll(/turnstream@(\w+)/gu)].map(([, name]) => name);
  expect(Object.keys(PROCESSES)).toEqual(expect.arrayContaining(started));
  expect(await textOf('docs/machine/turnstream@.service')).toContain('dist/%i.js');
});
