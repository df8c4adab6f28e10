import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { API_CONTROLLERS } from '../application.js';
import { openApiOf } from '../openapi.js';
import { linesOf, newDemands } from './testing/published.js';

const FILE = new URL('published.txt', import.meta.url);
const linesIn = (text: string) => new Set(text.split('\n').filter(Boolean));

describe('what the API has published', () => {
  const now = linesOf(openApiOf(API_CONTROLLERS));
  let published: Set<string>;
  beforeAll(() => {
    published = linesIn(readFileSync(FILE, 'utf8'));
    if (process.env['PUBLISH'] !== 'yes') return;
    published = published.union(now);
    writeFileSync(FILE, `${[...published].sort().join('\n')}\n`);
  });

  it('is all there, under the same names', () => {
    expect(published.size).toBeGreaterThan(2_000);
    expect([...published.difference(now)]).toEqual([]);
  });

  it('asks nothing more of a request', () => {
    expect(newDemands(published, now)).toEqual([]);
  });

  it('is listed: PUBLISH=yes npm test -- published.spec adds what is new', () => {
    expect([...now.difference(published)]).toEqual([]);
  });
});

describe('the comparison', () => {
  const documentOf = (schema: object, required: boolean) =>
    ({
      openapi: '3.1.0',
      paths: {
        '/clips': {
          get: {
            operationId: 'listClips',
            tags: [],
            summary: '',
            'x-roles': ['admin'],
            parameters: [
              { name: 'platform', in: 'query', required, schema: { type: 'string', enum: ['x'] } },
            ],
            requestBody: { content: { 'application/json': { schema } } },
            responses: { 200: { description: '', content: { 'application/json': { schema } } } },
          },
        },
      },
      components: { schemas: {} },
    }) as unknown as Parameters<typeof linesOf>[0];
  const body = (required: string[], fields: string[]) => ({
    type: 'object',
    required,
    properties: Object.fromEntries(fields.map((name) => [name, { type: ['string', 'null'] }])),
  });
  const before = linesOf(documentOf(body(['a'], ['a', 'b']), false));

  it('has a line for each name, kind and value', () => {
    expect([...before].filter((line) => !line.startsWith('problem'))).toEqual([
      'GET /clips listClips',
      'GET /clips for admin',
      'GET /clips query platform?: string',
      'GET /clips query platform = "x"',
      'GET /clips body: object',
      'GET /clips body.a: string',
      'GET /clips body.a: null',
      'GET /clips body.b?: string',
      'GET /clips body.b?: null',
      'GET /clips 200: object',
      'GET /clips 200.a: string',
      'GET /clips 200.a: null',
      'GET /clips 200.b?: string',
      'GET /clips 200.b?: null',
    ]);
  });

  it('finds a field that is gone, and one that has become needed', () => {
    const after = linesOf(documentOf(body(['b'], ['b']), true));
    expect([...before.difference(after)]).toEqual([
      'GET /clips query platform?: string',
      'GET /clips body.a: string',
      'GET /clips body.a: null',
      'GET /clips body.b?: string',
      'GET /clips body.b?: null',
      'GET /clips 200.a: string',
      'GET /clips 200.a: null',
      'GET /clips 200.b?: string',
      'GET /clips 200.b?: null',
    ]);
  });

  it('takes a new field that may be left out, and refuses one that may not', () => {
    const demands = (required: string[]) =>
      newDemands(before, linesOf(documentOf(body(required, ['a', 'b', 'c']), false)));
    expect(demands(['a'])).toEqual([]);
    expect(demands(['a', 'c'])).toEqual(['GET /clips body.c: string', 'GET /clips body.c: null']);
  });
});
