import type { Schema } from '../examples.js';
import type { ApiDocument } from '../page.js';
import { PROBLEMS } from '../problems.js';

const kindsOf = ({ type, enum: values, const: value }: Schema): string[] =>
  [type ?? (values ? typeof values[0] : value === undefined ? 'any' : typeof value)].flat();

/**
 * A line for each thing that a client relies on: operations, roles, parameters, fields with their
 * kinds, values, codes. `?` marks what may be left out.
 */
export function linesOf(document: ApiDocument): Set<string> {
  const lines = new Set<string>();
  function add(at: string, schema: Schema, mayBeLeftOut = false): void {
    const mark = mayBeLeftOut ? '?' : '';
    if (schema.$ref) {
      lines.add(`${at}${mark}: ${schema.$ref.split('/').at(-1)}`);
      return;
    }
    if (schema.anyOf) {
      for (const one of schema.anyOf) add(at, one, mayBeLeftOut);
      return;
    }
    for (const kind of kindsOf(schema)) lines.add(`${at}${mark}: ${kind}`);
    for (const value of schema.enum ?? (schema.const === undefined ? [] : [schema.const]))
      lines.add(`${at} = ${JSON.stringify(value)}`);
    for (const [name, field] of Object.entries(schema.properties ?? {}))
      add(`${at}.${name}`, field, !schema.required?.includes(name));
    if (schema.items) add(`${at}[]`, schema.items);
  }
  /** JSON is what a body is unless the line says another type. */
  const addBodies = (at: string, content: Record<string, { schema?: Schema }> = {}) => {
    for (const [type, { schema }] of Object.entries(content)) {
      if (type === 'application/problem+json') continue;
      add(type === 'application/json' ? at : `${at} (${type})`, schema ?? {});
    }
  };
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      lines.add(`${name} ${operation.operationId}`);
      for (const role of operation['x-roles']) lines.add(`${name} for ${role}`);
      for (const parameter of operation.parameters)
        add(`${name} ${parameter.in} ${parameter.name}`, parameter.schema, !parameter.required);
      addBodies(`${name} body`, operation.requestBody?.content);
      for (const [status, { content }] of Object.entries(operation.responses))
        addBodies(`${name} ${status}`, content);
    }
  for (const [name, schema] of Object.entries(document.components.schemas)) add(name, schema);
  for (const [code, [status]] of Object.entries(PROBLEMS)) lines.add(`problem ${code} ${status}`);
  return lines;
}

/** Fields and parameters that requests of before do not have, and would now be refused without. */
export function newDemands(before: ReadonlySet<string>, now: ReadonlySet<string>): string[] {
  const placeOf = (line: string) => line.replace(/\??( = .*|: .*)$/, '');
  const known = new Set([...before].map(placeOf));
  const operations = new Set([...before].map((line) => line.split(' ', 2).join(' ')));
  return [...now].filter((line) => {
    const place = placeOf(line);
    const asked = /^[A-Z]+ \S+ (query|header|body)\b/.test(line) && line.startsWith(`${place}: `);
    if (!asked || known.has(place)) return false;
    const parent = place.replace(/(\.[^.]+|\[\])$/, '');
    return parent === place ? operations.has(place.split(' ', 2).join(' ')) : known.has(parent);
  });
}
