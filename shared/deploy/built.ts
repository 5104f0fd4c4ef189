import type { Variable } from './environment.ts';
import type { Manifest } from './objects.ts';

/** A container of a pod, as far as it is looked at here. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: {
      readonly secretKeyRef?: { readonly name: string; readonly key: string };
      readonly fieldRef?: { readonly fieldPath: string };
    };
  }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

/** The part of an object that describes pods. */
export interface Pod {
  readonly containers: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly automountServiceAccountToken?: boolean;
}

interface WithTemplate {
  readonly template?: { readonly spec?: Pod };
  readonly jobTemplate?: { readonly spec?: WithTemplate };
}

/** What an object says about its pods, if it has any. */
export function podIn({ spec }: Manifest): Pod | undefined {
  const { jobTemplate, template } = (spec ?? {}) as WithTemplate;
  return jobTemplate?.spec?.template?.spec ?? template?.spec;
}

/** The variables of a container with those that it takes from maps of settings. */
export function variablesIn(container: Container, objects: readonly Manifest[]): readonly Variable[] {
  const own = (container.env ?? []).map(({ name, value, valueFrom }): Variable => {
    if (valueFrom?.secretKeyRef) return { name, secret: valueFrom.secretKeyRef.name, key: valueFrom.secretKeyRef.key };
    return valueFrom?.fieldRef ? { name, field: valueFrom.fieldRef.fieldPath } : { name, value: value ?? '' };
  });
  const maps = (container.envFrom ?? []).flatMap(({ configMapRef }) => (configMapRef ? [configMapRef.name] : []));
  const settings = maps.flatMap((name) => {
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
    return Object.entries((map?.['data'] ?? {}) as Readonly<Record<string, string>>);
  });
  return [...own, ...settings.map(([name, value]) => ({ name, value }))];
}
