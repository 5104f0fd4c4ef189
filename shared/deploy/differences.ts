import { podIn } from './built.ts';
import type { Manifest } from './objects.ts';

/** An environment, and everything that its overlay amounts to. */
export interface Built {
  readonly overlay: string;
  readonly objects: readonly Manifest[];
}

/** In what environments differ, as a table of Markdown: one row for each fact, one column for each environment. */
export function differences(builds: readonly Built[]): string {
  const rows = FACTS.map(([name, tell]) => [name, ...builds.map(({ objects }) => tell(objects))]);
  return [['', ...builds.map(({ overlay }) => overlay)], ['---', ...builds.map(() => '---')], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

type Tell = (objects: readonly Manifest[]) => string;

const FACTS: readonly (readonly [string, Tell])[] = [
  ['functions run on', (all) => (find(all, 'Service', 'gateway', KNATIVE) ? 'Knative' : 'KEDA')],
  ['processes of functions', (all) => functionsOf(all).join(', ')],
  ['copies of each function', (all) => copies(all, functionsOf(all)[0] ?? '')],
  ['copies of the gateway', (all) => copies(all, 'gateway')],
  ['copies of the relay', (all) => (find(all, 'Deployment', 'relay') ? copies(all, 'relay') : 'none')],
  ['long queues double the copies', (all) => (JSON.stringify(all).includes('"doubling"') ? 'yes' : 'no')],
  ['webhooks', (all) => (find(all, 'Deployment', 'deliver') ? 'yes' : 'no')],
  ['servers of the log', (all) => String(at(find(all, 'StatefulSet', 'nats'), 'spec', 'replicas'))],
  ['volume of each server', (all) => storage(find(all, 'StatefulSet', 'nats'))],
  ['turns traced', (all) => setting(all, 'turnstream-settings', 'OTEL_TRACES_SAMPLER_ARG')],
  ['log level', (all) => setting(all, 'turnstream-settings', 'TURNSTREAM_LOG_LEVEL')],
  ['archive', (all) => setting(all, 'turnstream-archive-settings', 'TURNSTREAM_ARCHIVE_BUCKET')],
  ['image', (all) => [...new Set(images(all))].join(', ')],
];

const KNATIVE = 'serving.knative.dev/v1';
const SCALE = 'autoscaling.knative.dev';
const FUNCTIONS = ['intent', 'entity', 'knowledge', 'policy', 'reply', 'action', 'generate', 'turn', 'outside'];

const find = (all: readonly Manifest[], kind: string, name: string, apiVersion?: string): Manifest | undefined =>
  all.find((m) => m.kind === kind && m.metadata.name === name && (!apiVersion || m.apiVersion === apiVersion));

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (inside as Readonly<Record<string | number, unknown>> | undefined)?.[key],
    value,
  );
}

const functionsOf: (all: readonly Manifest[]) => readonly string[] = (all) =>
  FUNCTIONS.filter((name) => find(all, 'Service', name, KNATIVE) ?? find(all, 'Deployment', name));

function copies(all: readonly Manifest[], name: string): string {
  const knative = find(all, 'Service', name, KNATIVE);
  if (knative) {
    const annotations = at(knative, 'spec', 'template', 'metadata', 'annotations');
    return `${String(at(annotations, `${SCALE}/min-scale`))} to ${String(at(annotations, `${SCALE}/max-scale`))}`;
  }
  const scaled = at(find(all, 'ScaledObject', name), 'spec');
  if (scaled === undefined) return '1';
  return `${String(at(scaled, 'minReplicaCount'))} to ${String(at(scaled, 'maxReplicaCount'))}`;
}

const storage = (servers: Manifest | undefined): string =>
  String(at(servers, 'spec', 'volumeClaimTemplates', 0, 'spec', 'resources', 'requests', 'storage'));

const setting = (all: readonly Manifest[], map: string, key: string): string =>
  String(at(find(all, 'ConfigMap', map), 'data', key));

const images = (all: readonly Manifest[]): readonly string[] =>
  all
    .filter(({ metadata }) => metadata.name !== 'nats')
    .flatMap((object) => podIn(object)?.containers.map(({ image }) => image) ?? []);
