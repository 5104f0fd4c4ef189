/** What belongs to one installation: the label that network policies and budgets go by. */
export const PART_OF = 'turnstream';

/** Where everything is that no overlay puts elsewhere. */
export const DEFAULT_NAMESPACE = 'turnstream';

/** Secrets are made by operators; manifests only refer to them. Keys stand beside the names. */
export const SECRETS = {
  /** A password for each user of the log, by the user's name. */
  users: 'turnstream-nats-users',
  /** `tls.crt`, `tls.key`, `ca.crt` of the log's servers. */
  tls: 'turnstream-nats-tls',
  /** `tenants.yml`. */
  tenants: 'turnstream-tenants',
  /** `tenant-keys.json`. */
  tenantKeys: 'turnstream-tenant-keys',
  /** `session-key`. */
  gateway: 'turnstream-gateway',
  /** `access-key` and `secret-key` of the object store. */
  archive: 'turnstream-archive',
  /** The variables that tenants' webhooks and tokens name. */
  tenantSecrets: 'turnstream-tenant-secrets',
} as const;

/** Settings that are no secrets, patched by overlays. */
export const SETTINGS = 'turnstream-settings';
export const ARCHIVE_SETTINGS = 'turnstream-archive-settings';

export const PORTS = {
  /** Customers, and events for functions. */
  http: 8080,
  /** Health, readiness and metrics. Not 9090: Knative's queue-proxy has that one. */
  ops: 9190,
  log: 4222,
  routes: 6222,
  monitor: 8222,
} as const;

/** Where files from secrets lie. */
export const PATHS = {
  ca: '/etc/turnstream/ca',
  tenants: '/etc/turnstream/tenants',
  tenantKeys: '/etc/turnstream/tenant-keys',
} as const;

/** Where others live. Clusters that name them otherwise patch this in their overlay. */
export const NAMESPACES = {
  dns: 'kube-system',
  monitoring: 'monitoring',
  keda: 'keda',
  openfaas: 'openfaas',
  openfaasFunctions: 'openfaas-fn',
  knative: ['knative-serving', 'kourier-system', 'istio-system', 'contour-internal', 'contour-external'],
} as const;

/** The labels of everything that belongs to one process. */
export const labelsOf = (name: string): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': PART_OF,
});
