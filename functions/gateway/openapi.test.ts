import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { gatewayOn, memoryGateway, clientIn } from './gateway.fixture.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { ROUTES } from './routes/index.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: object; readonly operationId: string }>>>
  >;
}

const { app } = gatewayOn(memoryLog());
const document = (await (await app.request('/openapi.json')).json()) as Document;

describe('the OpenAPI document', () => {
  it('has every route that the gateway has, and no other', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routed = app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, '{$1}')}`);
    expect(documented.toSorted()).toEqual(routed.toSorted());
    expect(document.openapi).toBe('3.1.0');
  });

  it('names each operation once', () => {
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map((o) => o.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares the parameters that stand in each path', () => {
    for (const { path, parameters = [] } of ROUTES) {
      const inPath = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
      expect(parameters.filter((p) => p.in === 'path').map(({ name }) => name)).toEqual(inPath);
    }
  });

  it('tells what is true: each example is accepted, and answered as it says', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/sessions', {})).body;
    for (const { path, request = {}, replies } of ROUTES) {
      for (const [type, { schema, example }] of Object.entries(request)) {
        expect(v.is(schema, example)).toBe(true);
        const answer = await client.post(path.replace('{session}', session).replace('{base}', 'shop'), example, {
          'content-type': type,
        });
        const reply = replies[answer.status];
        expect(reply?.schema && v.is(reply.schema, answer.body)).toBe(true);
      }
    }
  });

  it('tells what is true about what is read', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session, turn } = (await client.post('/v1/chat', { query: 'where is my parcel' })).body;
    for (const { method, path, replies } of ROUTES.filter((r) => r.method === 'GET')) {
      const answer = await client.get(
        path.replace('{session}', session).replace('{turn}', turn).replace('{base}', 'shop'),
      );
      const reply = replies[answer.status];
      expect([method, path, reply?.schema && v.safeParse(reply.schema, answer.body).issues]).toEqual([
        method,
        path,
        undefined,
      ]);
    }
  });

  it('describes bodies that JSON Schema can describe', () => {
    const chat = JSON.stringify(document.paths['/v1/chat']);
    expect(chat).toContain('"additionalProperties":false');
    expect(chat).toContain('"maxLength":10000');
  });
});
