/** A folder of manifests for `kubectl apply -k`. */
export const kustomization = (fields: Readonly<Record<string, unknown>>): object => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  ...fields,
});

/** A change that several overlays make. */
export const component = (fields: Readonly<Record<string, unknown>>): object => ({
  apiVersion: 'kustomize.config.k8s.io/v1alpha1',
  kind: 'Component',
  ...fields,
});

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
export const without = (target: Target & { readonly apiVersion: string }): object => ({
  target: { kind: target.kind, name: target.name },
  patch: JSON.stringify({
    apiVersion: target.apiVersion,
    kind: target.kind,
    metadata: { name: target.name },
    $patch: 'delete',
  }),
});
