import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { Manifest } from './objects.ts';
import kubernetes from './kubernetes.schema.json' with { type: 'json' };

type Json = Readonly<Record<string, unknown>>;
const SCHEMAS = new URL('../../../shared/schemas/', import.meta.url);
const CRDS = [
  'knative-serving-service.crd.yaml',
  'keda-scaledobject.crd.yaml',
  'keda-triggerauthentication.crd.yaml',
] as const;

/** What is wrong with an object by the published schemas, `unknown` where there is none for its kind. */
export type Judge = (object: Manifest) => readonly string[] | 'unknown';

/** Judges objects by the schemas of Kubernetes and, where they are at hand, of Knative and KEDA. Unknown fields count. */
export function judge(): Judge & { readonly hasCrds: boolean } {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(kubernetes, 'kubernetes');
  const crds = CRDS.flatMap((file) => {
    const text = textOf(file);
    return text === undefined ? [] : validatorsOf(parse(text) as Crd, ajv);
  });
  const custom = new Map(crds);
  const judged = (object: Manifest) => {
    const isCore =
      !object.apiVersion.includes('/') || /^(?:apps|batch|policy|networking\.k8s\.io)\//u.test(object.apiVersion);
    const validate = isCore
      ? ajv.getSchema(`kubernetes#/$defs/${object.kind}`)
      : custom.get(`${object.apiVersion} ${object.kind}`);
    if (!validate) return 'unknown' as const;
    void validate(object);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  };
  return Object.assign(judged, { hasCrds: custom.size > 0 });
}

/** A part of Kubernetes' own schema, for what custom resources leave open. */
export const HPA_BEHAVIOUR = 'kubernetes#/$defs/HorizontalPodAutoscalerBehavior';

function textOf(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, SCHEMAS), 'utf8');
  } catch {
    return undefined;
  }
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Json } }[];
  };
}

const validatorsOf = ({ spec }: Crd, ajv: Ajv): readonly (readonly [string, ValidateFunction])[] =>
  spec.versions.map(({ name, schema }) => {
    const strict = closed(schema.openAPIV3Schema) as { readonly properties: Json };
    const whole = {
      ...strict,
      properties: { ...strict.properties, metadata: { $ref: 'kubernetes#/$defs/ObjectMeta' } },
    };
    return [`${spec.group}/${name} ${spec.names.kind}`, ajv.compile(whole)];
  });

/** The schema as the API server applies it with strict field validation: a field that it does not name is an error. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as Json;
  if (node['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const { format: _, ...rest } = node;
  const inside = Object.fromEntries(
    Object.entries(rest).map(([key, value]) =>
      key === 'properties'
        ? [key, Object.fromEntries(Object.entries(value as Json).map(([name, of]) => [name, closed(of)]))]
        : [key, closed(value)],
    ),
  );
  const isOpen = node['properties'] === undefined || node['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpen ? inside : { ...inside, additionalProperties: false };
}
