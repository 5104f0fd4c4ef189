import { environmentVariable } from './container.ts';
import type { Variable } from './environment.ts';
import type { Manifest } from './objects.ts';
import { placeOf } from './provisioning.ts';

/** Objects by file. */
export type Folder = Readonly<Record<string, readonly object[]>>;

interface Parts {
  /** Other folders. */
  readonly resources?: readonly string[];
  readonly files?: Readonly<Record<string, readonly Manifest[]>>;
  readonly patches?: readonly object[];
}

/** A folder of manifests for `kubectl apply -k`, with the file that lists them. */
export const folder = (parts: Parts): Folder => listed('kustomize.config.k8s.io/v1beta1', 'Kustomization', parts);

/** A change that several overlays may make. */
export const component = (parts: Parts): Folder => listed('kustomize.config.k8s.io/v1alpha1', 'Component', parts);

function listed(apiVersion: string, kind: string, { files = {}, patches, resources = [] }: Parts): Folder {
  const all = [...resources, ...Object.keys(files)];
  const list = { apiVersion, kind, ...(all.length > 0 && { resources: all }), ...(patches && { patches }) };
  return { 'kustomization.yaml': [list], ...files };
}

/** What a patch is for. */
interface Target {
  readonly kind: string;
  readonly name?: string;
  readonly labelSelector?: string;
}

/** A patch that exchanges single values, by their path. */
export const setting = (target: Target, fields: Readonly<Record<string, unknown>>): object => ({
  target,
  patch: JSON.stringify(Object.entries(fields).map(([path, value]) => ({ op: 'replace', path, value }))),
});

/** A patch that leaves an object out. */
export const without = ({ apiVersion, kind, name }: Target & { readonly apiVersion: string }): object => ({
  target: { kind, name },
  patch: JSON.stringify({ apiVersion, kind, metadata: { name }, $patch: 'delete' }),
});

/** A patch of the command that provisions. */
export const argument = (option: Parameters<typeof placeOf>[0], value: string): object =>
  setting(
    { kind: 'Job', labelSelector: 'app.kubernetes.io/name=provision' },
    { [`/spec/template/spec/containers/0/args/${placeOf(option)}`]: value },
  );

/** A patch that says how functions share processes, from which the durable consumers follow. */
export const hosting = (how: 'chained' | 'hop-by-hop'): object => argument('--hosting', how);

/** A patch of a Deployment that sends its events elsewhere. */
export const retargeted = (name: string, targets: Variable): object => ({
  target: { kind: 'Deployment', name },
  patch: JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers: [{ name, env: [environmentVariable(targets)] }] } } },
  }),
});
