import { z } from 'zod';
import { EVENTS, type EventType } from '../events/catalog.js';

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
  return { $schema, title: `${type}, version ${EVENTS[type].version}`, ...schema };
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
