import { execFile } from 'node:child_process';
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
import { startMetrics } from '../shared/telemetry/metrics.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { PROCESSES } from '../tsup.config.ts';

// docs/ops.md and docs/alerts.yml: what they name is there, and what they say is done.

const ROOT = new URL('../', import.meta.url);
const textOf = (path: string) => readFile(new URL(path, ROOT), 'utf8');
const page = await textOf('docs/ops.md');

interface Block {
  readonly how: string;
  readonly command: string;
}
const blocks: readonly Block[] = [...page.matchAll(/^```(\S*) ?(.*)\n([^]*?)\n```$/gmu)].map(
  ([, language, how = '', command = '']) => ({
    how: language === 'sh' ? how : `a block of ${language ?? ''}`,
    command,
  }),
);
const NEEDS = ['needs=cluster', 'needs=registry', 'needs=machine'];

it.each(blocks)('says how it is known to work: $command', async ({ how, command }) => {
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

  async function run(like: RegExp): Promise<string> {
    const found = blocks.find(({ how, command }) => how === 'run' && like.test(command));
    if (!found) throw new Error(`no block that is run is like ${String(like)}`);
    const env = { ...process.env, NATS_URL: broker.url, STORE: broker.dir, BACKUP: join(dir, 'backup.tar') };
    const { stdout } = await promisify(execFile)('sh', ['-euc', found.command], { cwd: ROOT, env });
    return stdout;
  }

  it('are known here, every one', () => {
    expect(blocks.filter(({ how }) => how === 'run').length).toBe(5);
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
