import { FIELDS } from './fields.js';

/** As much of a JSON Schema as zod writes of ours. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}
export type Schemas = Readonly<Record<string, Schema>>;

const LARGEST = Number.MAX_SAFE_INTEGER;

export const resolved = (schema: Schema, all: Schemas): Schema =>
  schema.$ref ? all[schema.$ref.split('/').at(-1)!]! : schema;

/** Gives every field that says nothing of itself the words of {@link FIELDS}, in place. */
export function describeFields(schema: Schema): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const words = FIELDS[name]?.[0];
    if (words && !field.description && !field.$ref) field.description = words;
    describeFields(field);
  }
  for (const part of [schema.items, ...(schema.anyOf ?? [])]) if (part) describeFields(part);
}

/**
 * An example that fits the schema. Fields that may be left out are in it if {@link FIELDS} knows
 * one.
 */
export function exampleOf(given: Schema, all: Schemas, name = ''): unknown {
  const schema = resolved(given, all);
  const known = FIELDS[name]?.[1];
  if (known !== undefined && fits(known, schema, all)) return known;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.anyOf) return exampleOf(schema.anyOf[0]!, all, name);
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      const shown = fields.filter(
        ([field]) => schema.required?.includes(field) || FIELDS[field]?.[1] !== undefined,
      );
      return Object.fromEntries(
        shown.map(([field, value]) => [field, exampleOf(value, all, field)]),
      );
    }
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
        exampleOf(schema.items ?? {}, all),
      );
    case 'integer':
    case 'number':
      return Math.max(0, schema.minimum ?? 0);
    case 'boolean':
      return false;
    case 'string':
      if (schema.format === 'date-time') return '2026-03-04T12:00:00.000Z';
      return schema.format === 'uuid' ? '3562f863-b555-53a0-b603-cae4f2d82e5d' : 'text';
    default:
      return null;
  }
}

/** Whether the example of a field's name is of the kind that this field takes. */
function fits(value: unknown, given: Schema, all: Schemas): boolean {
  const schema = resolved(given, all);
  if (schema.anyOf) return schema.anyOf.some((one) => fits(value, one, all));
  if (schema.enum) return schema.enum.includes(value);
  const types = [schema.type].flat();
  if (value === null) return types.includes('null');
  if (schema.format === 'uuid' && typeof value === 'string' && !/^[0-9a-f-]{36}$/.test(value))
    return false;
  const type = Array.isArray(value) ? 'array' : typeof value;
  return types.includes(type) || (types.includes('integer') && type === 'number');
}

/** What a field takes, in few words: `integer, 1 to 200`. */
export function kindOf(given: Schema, all: Schemas): string {
  if (given.$ref && resolved(given, all).type === 'object') return given.$ref.split('/').at(-1)!;
  const schema = resolved(given, all);
  if (schema.anyOf) return schema.anyOf.map((one) => kindOf(one, all)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return schema.enum.length > 12
      ? `one of ${schema.enum.length} words`
      : schema.enum.map(String).join(', ');
  if (schema.type === 'array')
    return `list of ${kindOf(schema.items ?? {}, all)}${range(schema.minItems, schema.maxItems)}`;
  if (schema.format === 'date-time') return 'instant';
  const kind = schema.format ?? (schema.type ? [schema.type].flat().join(' or ') : 'anything');
  return (
    kind +
    (schema.type === 'string'
      ? range(schema.minLength, schema.maxLength, ' characters')
      : range(schema.minimum, schema.maximum))
  );
}

function range(from: number | undefined, to: number | undefined, unit = ''): string {
  const [low, high] = [
    from === undefined || from <= -LARGEST ? undefined : from,
    to === undefined || to >= LARGEST ? undefined : to,
  ];
  if (low === undefined && high === undefined) return '';
  if (high === undefined) return low === 0 ? ', 0 or more' : `, at least ${low}${unit}`;
  return low === undefined ? `, at most ${high}${unit}` : `, ${low} to ${high}${unit}`;
}
