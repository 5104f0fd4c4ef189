import type { GenericSchema } from 'valibot';
import type { Exchange } from './exchange.ts';

/** A header or a part of the query or path, as the OpenAPI document shows it. */
export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One kind of answer. */
export interface Reply {
  readonly description: string;
  /** Absent: any object. */
  readonly schema?: GenericSchema;
  readonly headers?: Readonly<Record<string, string>>;
  /** The media type of what is no JSON. */
  readonly file?: string;
  /** What it is as server-sent events. */
  readonly stream?: string;
}

/** A route: what it does and what it promises, in one place, so that the document cannot tell anything else. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `{parameter}` as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  /** Media types and the schemas of their bodies. */
  readonly request?: Readonly<Record<string, { readonly schema: GenericSchema; readonly example: unknown }>>;
  /** Media types of bodies that are no JSON, with their JSON Schemas. */
  readonly uploads?: Readonly<Record<string, object>>;
  readonly replies: Readonly<Record<number, Reply>>;
  /** Whether it needs no key. */
  readonly open?: boolean;
  /** Whether agents may use it. */
  readonly forAgents?: boolean;
  readonly handle: (x: Exchange) => Response | Promise<Response>;
}
