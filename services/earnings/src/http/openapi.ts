import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod, type Type } from '@nestjs/common';
import 'reflect-metadata';
import { z } from 'zod';
import { STATUS_CODES } from 'node:http';
import { AcceptedAnswer } from '@cliptally/contracts/api';
import { describeFields, exampleOf, type Schema, type Schemas } from './docs/examples.js';
import type { ApiDocument } from './docs/page.js';
import { FIELDS } from './docs/fields.js';
import { PROBLEMS, problemsOf, type ProblemCode } from './docs/problems.js';
import { OPERATION, type OperationSpec } from './operation.js';
import { Problem } from './problem.js';

interface Route {
  method: 'get' | 'post';
  path: string;
  name: string;
  spec: OperationSpec;
}

/** Every operation of the controllers, as their decorators say it. */
export function routesOf(controllers: readonly Type[]): Route[] {
  return controllers.flatMap((controller) => {
    const prefix = Reflect.getMetadata(PATH_METADATA, controller) as string;
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const handler = (controller.prototype as Record<string, object>)[name]!;
      const spec =
        name === 'constructor'
          ? undefined
          : (Reflect.getMetadata(OPERATION, handler) as OperationSpec | undefined);
      if (!spec) return [];
      const own = Reflect.getMetadata(PATH_METADATA, handler) as string;
      const method =
        Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST
          ? ('post' as const)
          : ('get' as const);
      const path = `/${[prefix, own]
        .flatMap((part) => part.split('/'))
        .filter(Boolean)
        .join('/')}`;
      return [{ method, path, name, spec }];
    });
  });
}

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance'],
  properties: {
    type: { type: 'string', description: 'urn:cliptally:problem: and the code.' },
    title: { type: 'string', description: 'What the status means.' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'A fixed word for programs.' },
    detail: { type: 'string', description: 'A sentence for people, with the way out.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    errors: {
      type: 'array',
      description: 'Each faulty field, all of them at once.',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** The problem document of a refusal, as a route answers it. */
const problemExample = (code: ProblemCode, path: string) =>
  new Problem(PROBLEMS[code][0], code, PROBLEMS[code][1]).body(path);

/** A format says what its pattern would say at great length. */
const JSON_SCHEMA: z.core.ToJSONSchemaParams = {
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    if (jsonSchema.format) delete jsonSchema.pattern;
  },
};

/** Schemas of answers by their names, with references to one another instead of copies. */
function answersOf(routes: readonly Route[]): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const schema of [
    AcceptedAnswer,
    ...routes.flatMap(({ spec }) => [spec.answer, spec.accepted]),
  ])
    if (schema) register(schema, registry);
  const { schemas } = z.toJSONSchema(registry, {
    ...JSON_SCHEMA,
    uri: (id) => `#/components/schemas/${id}`,
  });
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
    describeFields(schema as Schema);
  }
  return schemas as Record<string, Schema>;
}

function register(schema: z.ZodType, registry: z.core.$ZodRegistry<{ id: string }>): void {
  const id = z.globalRegistry.get(schema)?.id;
  if (id && !registry.has(schema)) registry.add(schema, { id });
  if (schema instanceof z.ZodArray) register(schema.element as z.ZodType, registry);
  if (schema instanceof z.ZodObject)
    for (const field of Object.values(schema.shape)) register(field as z.ZodType, registry);
}

const reference = (schema: z.ZodType): Schema => ({
  $ref: `#/components/schemas/${z.globalRegistry.get(schema)?.id}`,
});
const answered = (description: string, schema: z.ZodType | undefined, schemas: Schemas) => ({
  description,
  content: {
    'application/json': schema
      ? { schema: reference(schema), example: exampleOf(reference(schema), schemas) }
      : {},
  },
});

const schemaOf = (schema: z.ZodObject): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { ...JSON_SCHEMA, io: 'input' });
  describeFields(rest as Schema);
  return rest as Schema;
};

/** Of ids in an address: what they are ids of. */
const PARAMETERS: Record<string, string> = {
  campaigns: 'campaignId',
  clips: 'clipId',
  creators: 'creatorId',
  payouts: 'payoutId',
  'short-links': 'linkId',
  'failed-scrapes': 'requestId',
  'webhook-endpoints': 'endpointId',
};

function parameterOf(path: string, name: string): object {
  const field = name === 'id' ? PARAMETERS[path.split('/')[1]!] : name;
  const [words, example] = FIELDS[field!]!;
  const description = `${words.split('.')[0]}.`;
  return { name, in: 'path', required: true, description, schema: { type: 'string' }, example };
}

/** `launchCampaign`, `listClips`: what a generated client calls its methods. */
function operationId(path: string, method: Route['method'], name: string): string {
  const resource = path
    .split('/')[1]!
    .replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return name + (method === 'post' || path.includes(':') ? resource.replace(/s$/, '') : resource);
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', maxLength: 200 },
  description:
    'Sent again with the same key, a request gets the same answer and does nothing more.',
};

const tagOf = (path: string): string => {
  const words = path.split('/')[1]!.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
};

/** The problems of a route by status, with an example of each. */
const refusalsOf = (method: Route['method'], path: string, { refusals = [] }: OperationSpec) =>
  Object.fromEntries(
    [...problemsOf(method, path, refusals)].map(([status, codes]) => [
      status,
      {
        description: `${STATUS_CODES[status]}: ${codes.join(', ')}.`,
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(
              codes.map((code) => [
                code,
                { value: problemExample(code, path.replace(':id', '...')) },
              ]),
            ),
          },
        },
      },
    ]),
  );

/** The OpenAPI 3.1 document of the API, made from the decorators and schemas that also guard it. */
export function openApiOf(
  controllers: readonly Type[],
): ApiDocument & { openapi: string } & Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  const routes = routesOf(controllers);
  const schemas = answersOf(routes);
  for (const { method, path, name, spec } of routes) {
    const template = path.replace(/:(\w+)/g, '{$1}');
    const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => parameterOf(path, name!));
    const { properties = {} } = spec.query ? schemaOf(spec.query) : {};
    const query = Object.entries(properties).map(([parameter, { description, ...schema }]) => ({
      name: parameter,
      in: 'query',
      required: false,
      ...(description && { description }),
      schema,
    }));
    const exampleBody = spec.body && schemaOf(spec.body);
    paths[template] = {
      ...paths[template],
      [method]: {
        operationId: operationId(path, method, name),
        tags: [tagOf(path)],
        summary: spec.summary,
        description: `For ${spec.roles.join(', ')}.`,
        'x-roles': spec.roles,
        parameters: [...names, ...query, ...(method === 'post' ? [IDEMPOTENCY_KEY] : [])],
        ...(spec.consumes
          ? {
              requestBody: {
                required: true,
                content: { [spec.consumes]: { schema: { type: 'string' } } },
              },
            }
          : {}),
        ...(method === 'post' && exampleBody
          ? {
              requestBody: {
                required: true,
                content: {
                  'application/json': {
                    schema: exampleBody,
                    example: exampleOf(exampleBody, schemas),
                  },
                },
              },
            }
          : {}),
        responses: {
          [spec.status]: spec.produces
            ? { description: 'Done.', content: { [spec.produces]: { schema: { type: 'string' } } } }
            : answered('Done.', spec.answer, schemas),
          ...('dryRun' in properties && spec.status !== 200
            ? {
                200: answered('Of a dry run: what would come of it.', spec.answer, schemas),
              }
            : {}),
          ...(method === 'post' && spec.status !== 202
            ? {
                202: spec.accepted
                  ? answered('Kept, and it waits: read the location later.', spec.accepted, schemas)
                  : answered(
                      'Kept, and not yet visible: read the location in a moment.',
                      AcceptedAnswer,
                      schemas,
                    ),
              }
            : {}),
          ...refusalsOf(method, path, spec),
          default: {
            description: 'A problem.',
            content: {
              'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
            },
          },
        },
      },
    };
  }
  return {
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
      schemas: { ...schemas, Problem: PROBLEM },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
