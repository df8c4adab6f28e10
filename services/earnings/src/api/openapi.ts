import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod, type Type } from '@nestjs/common';
import 'reflect-metadata';
import { z } from 'zod';
import { AcceptedAnswer } from './answers.js';
import { OPERATION, type OperationSpec } from './operation.js';

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
      const spec = name === 'constructor' ? undefined : (Reflect.getMetadata(OPERATION, handler) as OperationSpec | undefined);
      if (!spec) return [];
      const own = Reflect.getMetadata(PATH_METADATA, handler) as string;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST ? ('post' as const) : ('get' as const);
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
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'A fixed word for programs.' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: { type: 'array', items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } } },
  },
};

/** A format says what its pattern would say at great length. */
const JSON_SCHEMA: z.core.ToJSONSchemaParams = {
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    if (jsonSchema.format) delete jsonSchema.pattern;
  },
};

/** Schemas of answers by their names, with references to one another instead of copies. */
function answersOf(routes: readonly Route[]): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const schema of [AcceptedAnswer, ...routes.flatMap(({ spec }) => [spec.answer, spec.accepted])])
    if (schema) register(schema, registry);
  const { schemas } = z.toJSONSchema(registry, { ...JSON_SCHEMA, uri: (id) => `#/components/schemas/${id}` });
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
  }
  return schemas;
}

function register(schema: z.ZodType, registry: z.core.$ZodRegistry<{ id: string }>): void {
  const id = z.globalRegistry.get(schema)?.id;
  if (id && !registry.has(schema)) registry.add(schema, { id });
  if (schema instanceof z.ZodArray) register(schema.element as z.ZodType, registry);
  if (schema instanceof z.ZodObject) for (const field of Object.values(schema.shape)) register(field as z.ZodType, registry);
}

const reference = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${z.globalRegistry.get(schema)?.id}` });
const answered = (description: string, schema: z.ZodType | undefined) => ({
  description,
  content: { 'application/json': schema ? { schema: reference(schema) } : {} },
});

const schemaOf = (schema: z.ZodObject) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { ...JSON_SCHEMA, io: 'input' });
  return rest;
};

/** `launchCampaign`, `listClips`: what a generated client calls its methods. */
function operationId(path: string, method: Route['method'], name: string): string {
  const resource = path.split('/')[1]!.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return name + (method === 'post' || path.includes(':') ? resource.replace(/s$/, '') : resource);
}

/** The OpenAPI 3.1 document of the API, made from the decorators and schemas that also guard it. */
export function openApiOf(
  controllers: readonly Type[],
): { openapi: string; paths: Record<string, Record<string, object>> } & Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  const routes = routesOf(controllers);
  for (const { method, path, name, spec } of routes) {
    const template = path.replace(/:(\w+)/g, '{$1}');
    const names = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
      name: parameter,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const { properties = {} } = spec.query ? schemaOf(spec.query) : {};
    const query = Object.entries(properties).map(([parameter, schema]) => ({ name: parameter, in: 'query', required: false, schema }));
    const key = {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', maxLength: 200 },
      description: 'Sent again with the same key, a request gets the same answer and does nothing more.',
    };
    paths[template] = {
      ...paths[template],
      [method]: {
        operationId: operationId(path, method, name),
        summary: spec.summary,
        description: `For ${spec.roles.join(', ')}.`,
        parameters: [...names, ...query, ...(method === 'post' ? [key] : [])],
        ...(spec.consumes ? { requestBody: { required: true, content: { [spec.consumes]: { schema: { type: 'string' } } } } } : {}),
        ...(method === 'post' && spec.body
          ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(spec.body) } } } }
          : {}),
        responses: {
          [spec.status]: spec.produces
            ? { description: 'Done.', content: { [spec.produces]: { schema: { type: 'string' } } } }
            : answered('Done.', spec.answer),
          ...(method === 'post' && spec.status !== 202
            ? {
                202: spec.accepted
                  ? answered('Kept, and it waits: look at the location later.', spec.accepted)
                  : answered('Kept, and not yet visible: look at the location in a moment.', AcceptedAnswer),
              }
            : {}),
          default: {
            description: 'A problem.',
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
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
      description: 'Campaigns, clips, earnings and payouts. Amounts are integers in minor units; instants are UTC.',
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: { ...answersOf(routes), Problem: PROBLEM },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
