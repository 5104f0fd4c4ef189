import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { ProblemDocument } from './replies.ts';
import type { Parameter, Reply, Route } from './route.ts';

/** The OpenAPI 3.1 document of these routes. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Turnstream',
      version,
      description:
        'Conversations for customer service. An API key or a token says whose sessions a request is about. Everything ' +
        'that goes wrong is told as a problem document (RFC 9457) that names the fields it is about.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key (`ts_<tenant>_...`) of a tenant or of one of its agents, or a JWT of one of the tenant’s users ' +
            '(claims `tenant`, `sub`) or agents (`role: agent`, `name`, `skills`)',
        },
      },
      schemas: { Problem: schemaOf(ProblemDocument) },
    },
  };
}

function operationOf(route: Route): object {
  const { path, summary, description, parameters = [], request, uploads, replies, open } = route;
  return {
    operationId: operationId(path, summary),
    summary,
    ...(description !== undefined && { description }),
    ...(open && { security: [] }),
    ...(parameters.length > 0 && { parameters: parameters.map(parameterOf) }),
    ...(request && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          Object.entries(request).map(([type, { schema, example }]) => [type, { schema: schemaOf(schema), example }]),
        ),
      },
    }),
    ...(uploads && {
      requestBody: {
        required: true,
        content: Object.fromEntries(Object.entries(uploads).map(([type, schema]) => [type, { schema }])),
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, responseOf(reply)])),
      default: {
        description: 'It was not carried out; `status` and `errors` say why',
        headers: {
          'Retry-After': { description: 'With 429 and 503: seconds to wait', schema: { type: 'integer' } },
          RateLimit: { description: 'With 429: what is left', schema: { type: 'string' } },
          'RateLimit-Policy': { description: 'With 429: the quota', schema: { type: 'string' } },
        },
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const operationId = (path: string, summary: string): string =>
  `${summary.split(/[ ,]/u, 2).join('-')}-${path}`.replaceAll(/[^A-Za-z0-9]+/gu, '-').toLowerCase();

const parameterOf = ({ in: place, name, description, schema }: Parameter): object => ({
  in: place,
  name,
  description,
  required: place === 'path',
  schema,
});

function responseOf({ description, schema, headers, stream, file }: Reply): object {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
      ),
    }),
    content: {
      ...(file === undefined
        ? { 'application/json': { schema: schema ? schemaOf(schema) : { type: 'object' } } }
        : { [file]: {} }),
      ...(stream && { 'text/event-stream': { schema: { type: 'string', description: stream } } }),
    },
  };
}

// Checks that JSON Schema cannot express (half surrogate pairs, control characters) are left to the server.
const schemaOf = (schema: GenericSchema): object => {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return rest;
};
