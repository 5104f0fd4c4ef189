import { parse, parseAllDocuments } from 'yaml';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { advice, compare } from '../shared/deploy/compare.ts';
import { judge } from '../shared/deploy/kubernetes.fixture.ts';
import type { Manifest } from '../shared/deploy/objects.ts';
import { plainSecrets } from '../shared/deploy/plain-secrets.ts';
import { objections, Stack } from '../shared/deploy/platforms.fixture.ts';
import type { Process } from '../shared/deploy/process.ts';
import { render, type Files } from '../shared/deploy/render.ts';
import { processes, roles, shadow } from './deployments.ts';

// One error of each kind is planted, and has to be found. Each is one line of what somebody might write.

const release = { image: 'turnstream', version: '0.1.0', revision: 'r1' };
const wanted = render({ release, processes, roles, shadow });
const judged = judge();

describe('in a definition', () => {
  /** Renders with other facts about one process. */
  const renderWith = (name: string, change: (process: Process) => Process) => () =>
    render({ release, roles, shadow, processes: processes.map((p) => (p.name === name ? change(p) : p)) });
  const facts = (more: object) => (p: Process) => ({ ...p, deployment: { ...p.deployment, ...more } }) as Process;

  it.each([
    ['more copies than 300', 'turn', { scale: { min: 0, max: 301, lag: 10 } }, /turn: scale\.max: .*300/u],
    ['fewer copies than none', 'intent', { scale: { min: -1, max: 3, lag: 10 } }, /intent: scale\.min: /u],
    [
      'more at least than at most',
      'intent',
      { scale: { min: 4, max: 3, lag: 10 } },
      /intent: scale\.min: is more than/u,
    ],
    ['a part of an event', 'policy', { concurrency: 1.5 }, /policy: concurrency: /u],
    ['longer than Knative allows', 'gateway', { timeoutSeconds: 601 }, /gateway: timeoutSeconds: .*600/u],
    ['hardly any memory', 'reply', { memory: '16Mi' }, /reply: memory: is not between/u],
    ['memory in a unit of its own', 'reply', { memory: '1GB' }, /reply: memory: is not a number of/u],
    ['a field that there is not', 'entity', { replicas: 3 }, /entity: replicas: /u],
    ['text for a number', 'entity', { concurrency: '4' }, /entity: concurrency: /u],
    [
      'a call longer than its handler',
      'deliver',
      { breakerMs: 20_000 },
      /deliver: breakerMs: 20000 ms is not shorter than limits\.timeoutMs/u,
    ],
    ['a relay that is ended too early', 'relay', { timeoutSeconds: 30 }, /relay: timeoutSeconds: /u],
    [
      'a platform that gives up first',
      'intent',
      { timeoutSeconds: 5 },
      /intent: the acknowledgement wait: .* timeoutSeconds/u,
    ],
  ])('finds %s', (_, name, change, message) => {
    expect(renderWith(name, facts(change))).toThrow(message);
  });

  it('finds handlers that together take longer than the log waits', () => {
    const slow = (p: Process) => ({ ...p, limits: [{ timeoutMs: 2_000, attempts: 3 }] });
    expect(renderWith('policy', slow)).toThrow(
      /policy: limits\.timeoutMs: 6000 ms is not shorter than the acknowledgement wait/u,
    );
  });

  it('finds a required variable that nothing sets', () => {
    expect(renderWith('gateway', (p) => ({ ...p, needs: ['tenants'] }))).toThrow(
      'gateway: TURNSTREAM_SESSION_KEY: is required and set by nothing',
    );
  });

  it('finds a variable that the process does not read', () => {
    expect(renderWith('timers', (p) => ({ ...p, needs: ['sessionKey'] }))).toThrow(
      'timers: TURNSTREAM_SESSION_KEY: no such variable is read',
    );
  });
});

describe('in an object', () => {
  /** The object of this kind in a file, with one text exchanged for another. */
  const planted = (path: string, kind: string, [from, to]: readonly [string | RegExp, string]): Manifest => {
    const text = wanted.get(path) ?? '';
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    const objects = parseAllDocuments(changed).map((document) => document.toJS() as Manifest);
    const found = objects.find((object) => object.kind === kind);
    if (!found) throw new Error(`no ${kind} in ${path}`);
    return found;
  };
  const found = (object: Manifest) => [...[judged(object)].flat(), ...objections(object)].join('\n');
  const INTENT = 'knative/base/intent.yaml';
  const TURN = 'knative/keda/turn.yaml';

  it.for([
    ['an unknown field', 'knative/parts/relay/relay.yaml', 'Deployment', ['strategy:', 'strateggy:'], 'strateggy'],
    [
      'a wrong type',
      'knative/parts/cell/nats.yaml',
      'StatefulSet',
      ['replicas: 3', 'replicas: three'],
      'must be integer',
    ],
    [
      'a port that is none',
      'knative/parts/gateway/gateway.yaml',
      'Service',
      ['port: 8080', 'port: http'],
      'must be integer',
    ],
    ['a pod that may become root', TURN, 'Deployment', ['runAsNonRoot: true', 'runAsNonRoot: false'], 'runAsNonRoot'],
    [
      'a file system that can be written',
      TURN,
      'Deployment',
      ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
      'readOnly',
    ],
    [
      'an unknown field for Knative',
      INTENT,
      'Service',
      ['containerConcurrency:', 'containerConcurency:'],
      'containerConcurency',
    ],
    ['a wrong type for Knative', INTENT, 'Service', ['timeoutSeconds: 20', 'timeoutSeconds: 20s'], 'must be integer'],
    [
      'an annotation out of range',
      INTENT,
      'Service',
      ['percentage: "70"', 'percentage: "170"'],
      'target-utilization-percentage',
    ],
    ['an annotation that Knative does not know', INTENT, 'Service', ['/min-scale', '/minimum-scale'], 'minimum-scale'],
    ['shares that are not the whole', INTENT, 'Service', ['percent: 100', 'percent: 90'], 'add up to 100'],
    ['a port that queue-proxy has', INTENT, 'Service', [/port: 9190/u, 'port: 9090'], 'taken by queue-proxy'],
    [
      'a wrong type for KEDA',
      TURN,
      'ScaledObject',
      ['maxReplicaCount: 300', 'maxReplicaCount: many'],
      'must be integer',
    ],
    ['an unknown field for KEDA', TURN, 'ScaledObject', ['pollingInterval', 'pollInterval'], 'pollInterval'],
    ['a setting that the scaler does not know', TURN, 'ScaledObject', ['lagThreshold', 'lag'], 'lagThreshold'],
  ] as const)('finds %s', ([, path, kind, change, message], { skip }) => {
    const object = planted(path, kind, change);
    if (judged(object) === 'unknown') skip('../shared/schemas is absent: nothing is known of Knative and KEDA');
    expect(found(object)).toContain(message);
  });

  it('finds a field that OpenFaaS does not know', () => {
    const stack = (wanted.get('stack.yml') ?? '').replace('readonly_root_filesystem', 'read_only');
    expect(v.safeParse(Stack, parse(stack)).success).toBe(false);
  });
});

describe('in the files', () => {
  const path = 'knative/base/intent.yaml';

  it('finds a stale, a missing and a left-over file, and says how to mend them', () => {
    const there = new Map([...wanted, ['knative/base/old.yaml', '']]);
    there.set(path, 'somebody edited this');
    there.delete('stack.yml');
    const stale = compare(wanted, there);
    expect(stale).toEqual([
      { path, why: 'changed' },
      { path: 'stack.yml', why: 'missing' },
      { path: 'knative/base/old.yaml', why: 'left over' },
    ]);
    expect(advice(stale)).toContain('knative/base/intent.yaml is stale (changed)');
    expect(advice(stale)).toContain('npm run manifests');
  });

  const secrets = (text: string): readonly string[] =>
    plainSecrets(new Map([['f.yaml', text]]) as Files).map((s) => s.field);

  it.each([
    ['a Secret', 'kind: Secret\nstringData: { intent: hunter2 }', 'stringData.intent'],
    ['a variable', 'env: [{ name: TURNSTREAM_NATS_PASSWORD, value: hunter2 }]', 'env[0].TURNSTREAM_NATS_PASSWORD'],
    ['a setting', 'kind: ConfigMap\ndata: { TURNSTREAM_SESSION_KEY: hunter2 }', 'data.TURNSTREAM_SESSION_KEY'],
    [
      'a patch',
      'patches: [{ patch: "[{ op: add, path: /data/A_TOKEN, value: hunter2 }]" }]',
      'patches[0].patch[0].A_TOKEN',
    ],
    ['a generator', 'secretGenerator: [{ name: a, literals: [b=c] }]', 'secretGenerator'],
    ["a server's configuration", 'data: { users.conf: "user: a, password: hunter2" }', 'data.users.conf'],
  ])('finds a secret in %s', (_, text, field) => {
    expect(secrets(text)).toEqual([field]);
  });

  it('leaves alone what is encrypted, and what only refers to a secret', () => {
    expect(secrets('kind: Secret\nstringData: { intent: "ENC[AES256_GCM,data:x]" }\nsops: {}')).toEqual([]);
    expect(secrets('env: [{ name: A_PASSWORD, valueFrom: { secretKeyRef: { name: a, key: b } } }]')).toEqual([]);
    expect(secrets('data: { users.conf: "password: $NATS_PASSWORD_A" }')).toEqual([]);
  });
});
