import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EVENT_TYPES } from '../events/catalog.js';
import { asyncApi, schemaFile } from './asyncapi.js';
import { jsonSchemaOf } from './json-schema.js';

/**
 * `npm run contracts`: writes the documents of events. A schema that stands there already is never
 * written over, but with --unreleased.
 */
const folder = fileURLToPath(new URL('../../events/', import.meta.url));
const unreleased = process.argv.includes('--unreleased');
const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

let refused = 0;
for (const type of EVENT_TYPES) {
  const file = folder + schemaFile(type);
  const text = json(jsonSchemaOf(type));
  if (existsSync(file) && readFileSync(file, 'utf8') !== text && !unreleased) {
    process.stderr.write(
      `${type} has changed, but not its version: see libs/contracts/events/README.md.\n`,
    );
    refused++;
  } else writeFileSync(file, text);
}
writeFileSync(`${folder}asyncapi.json`, json(asyncApi()));
process.exitCode = refused === 0 ? 0 : 1;
