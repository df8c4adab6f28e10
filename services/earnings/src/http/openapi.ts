import type { Type } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiSchemaObject,
} from 'zod-openapi';
import { AcceptedAnswer } from '@cliptally/contracts/api';
import { describeFields, exampleOf } from './docs/examples.js';
import { FIELDS } from './docs/fields.js';
import type { ApiDocument } from './docs/page.js';
import { PROBLEMS, problemsOf } from './docs/problems.js';
import { Problem } from './problem.js';
import { isWrite } from './methods.js';
import { routesOf, type Route } from './routes.js';

const PROBLEM: ZodOpenApiSchemaObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance'],
  properties: {
    type: { type: 'string', description: 'urn:cliptally:problem: and the code.' },
    title: { type: 'string', description: 'What the status means.' },
    status: { type: 'integer', description: 'The status of the answer.' },
    code: { type: 'string', description: 'A fixed word for programs.' },
    detail: { type: 'string', description: 'A sentence for people, with the way out.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    errors: {
      type: 'array',
      description: 'Each faulty field, all of them at once.',
      items: {
        type: 'object',
        properties: {
          field: { type: 'string', description: 'Its path in the body or the query.' },
          message: { type: 'string', description: 'What is wrong with it.' },
        },
      },
    },
  },
};
const A_PROBLEM = { $ref: '#/components/schemas/Problem' };

/** Schemas as zod writes them; a format says what its pattern would say at great length. */
const AS_ZOD: CreateDocumentOptions = {
  override: ({ jsonSchema }) => {
    if (jsonSchema.format) delete jsonSchema.pattern;
  },
};

const IdempotencyKey = z
  .string()
  .max(200)
  .optional()
  .describe('Sent again with the same key, a request gets the same answer and does nothing more.');

/**
 * The ids in a path. `:id` is that of the thing the path begins with: `/short-links/:id` has a
 * `linkId`. What an id means is in {@link FIELDS}.
 */
function idsOf(path: string) {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return z.object(
    Object.fromEntries(
      names.map((name) => {
        const thing = path.split('/')[1]!.split('-').at(-1)!.replace(/s$/, '');
        const field = name === 'id' ? `${thing}Id` : name;
        if (!FIELDS[field])
          throw new Error(
            `The OpenAPI document cannot say what :${name} is in ${path}: add "${field}" to FIELDS in docs/fields.ts.`,
          );
        const [words, example] = FIELDS[field];
        const description = `${words.split('.')[0]}.`;
        return [name, z.string().meta({ description, param: { example } })];
      }),
    ),
  );
}

/** `launchCampaign`, `listClips`: what a generated client calls its methods. */
function operationId({ path, method, name }: Route): string {
  const resource = path
    .split('/')[1]!
    .replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return name + (isWrite(method) || path.includes(':') ? resource.replace(/s$/, '') : resource);
}

const tagOf = (path: string): string => {
  const words = path.split('/')[1]!.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
};

/** The problems of a route by status, with an example of each. */
const refusalsOf = ({ method, path, spec: { refusals = [] } }: Route) =>
  Object.fromEntries(
    [...problemsOf(method, path, refusals)].map(([status, codes]) => {
      const examples = codes.map((code) => {
        const [, detail] = PROBLEMS[code];
        return [
          code,
          { value: new Problem(status, code, detail).body(path.replace(':id', '...')) },
        ];
      });
      return [
        status,
        {
          description: `${STATUS_CODES[status]}: ${codes.join(', ')}.`,
          content: {
            'application/problem+json': {
              schema: A_PROBLEM,
              examples: Object.fromEntries(examples) as Record<string, object>,
            },
          },
        },
      ];
    }),
  );

const json = (description: string, schema: z.ZodType | undefined): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/json': schema ? { schema } : {} },
});

/** The answers of a route that are no problems. */
function successesOf({ method, spec }: Route): Record<string, ZodOpenApiResponseObject> {
  const text = spec.produces && { [spec.produces]: { schema: { type: 'string' as const } } };
  const answers = {
    [spec.status]: text ? { description: 'Done.', content: text } : json('Done.', spec.answer),
  };
  if (spec.query && 'dryRun' in spec.query.shape)
    answers[200] ??= json('Of a dry run: what would come of it.', spec.answer);
  if (isWrite(method) && !spec.reads)
    answers[202] ??= spec.accepted
      ? json('Kept, and it waits: read the location later.', spec.accepted)
      : json('Kept, and not yet visible: read the location in a moment.', AcceptedAnswer);
  return answers;
}

function bodyOf({ consumes, body }: Route['spec']): ZodOpenApiOperationObject['requestBody'] {
  if (consumes) return { required: true, content: { [consumes]: { schema: { type: 'string' } } } };
  return body && { required: true, content: { 'application/json': { schema: body } } };
}

function operationOf(route: Route): ZodOpenApiOperationObject & { 'x-roles': readonly string[] } {
  const { method, path, spec } = route;
  const requestBody = isWrite(method) ? bodyOf(spec) : undefined;
  return {
    operationId: operationId(route),
    tags: [tagOf(path)],
    summary: spec.summary,
    description: `For ${spec.roles.join(', ')}.`,
    'x-roles': spec.roles,
    requestParams: {
      path: idsOf(path),
      ...(spec.query && { query: spec.query }),
      ...(isWrite(method) && { header: z.object({ 'Idempotency-Key': IdempotencyKey }) }),
    },
    ...(requestBody && { requestBody }),
    responses: {
      ...successesOf(route),
      ...refusalsOf(route),
      default: {
        description: 'A problem.',
        content: { 'application/problem+json': { schema: A_PROBLEM } },
      },
    },
  };
}

/** Says of each field what it means, and gives each body and answer an example. */
function explain({ paths, components: { schemas } }: ApiDocument): void {
  for (const schema of Object.values(schemas)) describeFields(schema);
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    for (const parameter of (operation.parameters ??= [])) {
      const words = FIELDS[parameter.name]?.[0];
      if (words) parameter.description ??= words;
      parameter.required ??= false;
    }
    for (const part of [operation.requestBody, ...Object.values(operation.responses)]) {
      const content = part?.content?.['application/json'];
      if (!content?.schema) continue;
      describeFields(content.schema);
      content.example = exampleOf(content.schema, schemas);
    }
  }
}

/** The OpenAPI 3.1 document of the API, made from the decorators and schemas that also guard it. */
export function openApiOf(controllers: readonly Type[]): ApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routesOf(controllers))
    (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {})[route.method] = operationOf(route);
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Cliptally',
        version: '1',
        description:
          'Campaigns, clips, earnings and payouts. Amounts are integers in minor units; instants are UTC.',
      },
      security: [{ bearer: [] }],
      paths,
      components: {
        schemas: { Problem: PROBLEM },
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    AS_ZOD,
  ) as unknown as ApiDocument;
  explain(document);
  return document;
}
