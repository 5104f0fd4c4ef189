import { PART_OF, labelsOf, NAMESPACES, PORTS } from './names.ts';

/** An object of Kubernetes, as it is written down. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** An account that may ask the cluster for nothing: no process here talks to Kubernetes. */
export const serviceAccount = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, labels: labelsOf(name) },
  automountServiceAccountToken: false,
});

/** A service in front of the pods of a process. `headless`: each pod has a name of its own. */
export const service = (
  name: string,
  ports: Readonly<Record<string, number>>,
  { app = name, headless = false }: { readonly app?: string; readonly headless?: boolean } = {},
): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, labels: labelsOf(app) },
  spec: {
    ...(headless && { clusterIP: 'None', publishNotReadyAddresses: true }),
    selector: { 'app.kubernetes.io/name': app },
    ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number, targetPort: number })),
  },
});

/** What an ingress leads from the outside to a service of the same name. */
export interface Entrance {
  readonly host: string;
  /** And everything below it. */
  readonly path: string;
  readonly port: number;
  /** The secret with the certificate. */
  readonly tlsSecret: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The way in from outside the cluster, encrypted up to the cluster's edge. */
export const ingress = (name: string, { host, path, port, tlsSecret, annotations }: Entrance): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, labels: labelsOf(name), annotations },
  spec: {
    tls: [{ hosts: [host], secretName: tlsSecret }],
    rules: [
      { host, http: { paths: [{ path, pathType: 'Prefix', backend: { service: { name, port: { number: port } } } }] } },
    ],
  },
});

/** Lets the cluster move one pod of a process at a time. */
export const disruptionBudget = (name: string): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, labels: labelsOf(name) },
  spec: { maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': name } } },
});

/** Settings that are no secrets. */
export const configMap = (name: string, data: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': PART_OF } },
  data,
});

/** The namespace, in which only pods of the restricted standard may run. */
export const namespace = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

type Peer = Readonly<Record<string, unknown>>;
/** Some ports, for some peers; without peers for everybody. */
export interface Passage {
  readonly peers?: readonly Peer[];
  readonly ports?: readonly number[];
}

/** Everything in some namespaces. */
export const inNamespaces = (...names: readonly string[]): Peer => ({
  namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }] },
});

/** The pods of a process in this namespace. */
export const pods = (name: string): Peer => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } });

/** What is not on the lists does not reach a pod, and is not reached by it. */
export const networkPolicy = (
  name: string,
  { from, to }: { readonly from: readonly Passage[]; readonly to: readonly Passage[] },
): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, labels: labelsOf(name) },
  spec: {
    podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: from.map((passage) => rule('from', passage)),
    egress: to.map((passage) => rule('to', passage)),
  },
});

/** Pods that no other policy names reach nothing. */
export const closedByDefault: Manifest = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed-by-default', labels: { 'app.kubernetes.io/part-of': PART_OF } },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

/** Names have to be looked up by everyone. */
export const DNS: Passage = { peers: [inNamespaces(NAMESPACES.dns)], ports: [53] };
/** Metrics are read by whoever watches. */
export const WATCHED: Passage = { peers: [inNamespaces(NAMESPACES.monitoring)], ports: [PORTS.ops] };
/** Spans go to a collector. */
export const COLLECTOR: Passage = { peers: [inNamespaces(NAMESPACES.monitoring)], ports: [4317, 4318] };
/** The servers of the log. */
export const LOG: Passage = { peers: [pods('nats')], ports: [PORTS.log] };

function rule(direction: 'from' | 'to', { peers, ports }: Passage): object {
  const protocols = (port: number) => (port === 53 ? ['UDP', 'TCP'] : ['TCP']);
  return {
    ...(peers && { [direction]: peers }),
    ...(ports && { ports: ports.flatMap((port) => protocols(port).map((protocol) => ({ protocol, port }))) }),
  };
}
