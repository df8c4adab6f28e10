import { z } from 'zod';
import { EVENTS, type EventType } from '../events/catalog.js';
import { PERSONAL_FIELDS } from '../events/personal.js';
import { SEALED } from '../text.js';

/**
 * JSON Schema (draft 7, which is also AsyncAPI's own dialect) of an event's data in its newest
 * version, as it stands in the log.
 */
export function jsonSchemaOf(type: EventType): object {
  const { $schema, ...schema } = z.toJSONSchema(EVENTS[type].schema, {
    target: 'draft-7',
    io: 'output',
    override: simplify,
  });
  for (const { steps } of PERSONAL_FIELDS.get(type) ?? []) allowSealed(schema, steps);
  return { $schema, title: `${type}, version ${EVENTS[type].version}`, ...schema };
}

const SEALED_TEXT = {
  type: 'string',
  pattern: `^${SEALED}`,
  description: 'Sealed for the person it is about: <id of the key>:<AES-256-GCM in base64url>.',
} as const;

/** A personal text may stand in the log as it was given, or sealed. */
function allowSealed(schema: z.core.JSONSchema.BaseSchema, steps: readonly string[]): void {
  const [step, ...rest] = steps;
  for (const one of schema.anyOf ?? []) if (one.type === 'object') allowSealed(one, steps);
  const name = step!.replace('[]', '');
  const field = schema.properties?.[name] as z.core.JSONSchema.BaseSchema | undefined;
  if (!field) return;
  if (rest.length > 0) allowSealed((field.items ?? field) as z.core.JSONSchema.BaseSchema, rest);
  else if (field.anyOf) field.anyOf.push(SEALED_TEXT);
  else schema.properties![name] = { anyOf: [field, SEALED_TEXT] };
}

/**
 * Keeps what a reader may rely on. The rest would pin details of the schema library instead of the
 * event.
 */
function simplify({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  // A default fills in what a writer leaves out; in the log, the field is always there.
  delete jsonSchema.default;
  if (jsonSchema.format === 'uuid') delete jsonSchema.pattern;
  if (jsonSchema.format === 'date-time') jsonSchema.pattern = 'Z$';
  // Readers ignore fields they do not know, but for those of objects that are closed on purpose.
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined)
    delete jsonSchema.additionalProperties;
}
