import { kindOf, resolved, type Schema, type Schemas } from './examples.js';
import { isWrite } from '../methods.js';

interface Content {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value: { detail: string } }>;
}
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema: Schema;
  example?: string;
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  'x-roles': string[];
  parameters: Parameter[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}
export interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas; [more: string]: unknown };
}
type Route = Operation & { method: string; path: string };

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const worded = (text: string) => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** JSON whose names, texts and numbers differ at a glance. */
function coloured(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? '';
  return text.replace(
    /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.e+-]*|true|false|null|[<&]/g,
    (part, quoted?: string, colon?: string) => {
      if (part === '<' || part === '&') return escape(part);
      if (!quoted) return `<i>${part}</i>`;
      return colon ? `<b>${escape(quoted)}</b>${colon}` : `<s>${escape(quoted)}</s>`;
    },
  );
}

const code = (html: string) => `<pre tabindex="0">${html}</pre>`;
const fold = (title: string, html: string) =>
  html ? `<details><summary>${title}</summary>${html}</details>` : '';

function table(
  rows: readonly { name: string; kind: string; required?: boolean | undefined; words: string }[],
): string {
  const lines = rows.map(
    ({ name, kind, required, words }) =>
      `<tr><th scope="row"><code>${escape(name)}</code>${required ? '<em title="is needed">*</em>' : ''}</th><td>${escape(kind)}</td><td>${worded(words)}</td></tr>`,
  );
  return lines.length === 0 ? '' : `<div class="wide"><table>${lines.join('')}</table></div>`;
}

/** A line for each field; fields within it are named `outer.inner`. */
function fieldsOf(given: Schema, all: Schemas, before = ''): Parameters<typeof table>[0] {
  const schema = resolved(given, all);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const inner = [field, ...(field.anyOf ?? []), ...(field.items ? [field.items] : [])]
      .map((one) => resolved(one, all))
      .map((one) => (one.items ? resolved(one.items, all) : one))
      .find(({ properties }) => properties);
    const list = resolved(field, all).type === 'array' ? '[]' : '';
    const words = [
      field.description ?? '',
      field.default === undefined ? '' : `If it is left out: \`${JSON.stringify(field.default)}\`.`,
    ];
    const own = {
      name: before + name,
      kind: kindOf(field, all),
      required: schema.required?.includes(name) ?? false,
      words: words.join(' ').trim(),
    };
    return [
      own,
      ...(inner && before.length < 30 ? fieldsOf(inner, all, `${before}${name}${list}.`) : []),
    ];
  });
}

function curlOf({ method, path, parameters, requestBody }: Route): string {
  const address = path.replace('{id}', parameters.find((one) => one.in === 'path')?.example ?? '');
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const body: object = content?.example ?? {};
  const flags = ['-H "Authorization: Bearer $TOKEN"'];
  if (method !== 'get' && method !== 'post') flags.unshift(`-X ${method.toUpperCase()}`);
  if (isWrite(method)) flags.push(`-H "Idempotency-Key: $(uuidgen)"`);
  if (type === 'text/csv')
    flags.push('-H "Content-Type: text/csv"', '--data-binary @transfers.csv');
  else if (requestBody || method === 'post')
    flags.push(
      `--json '${Object.keys(body).length === 0 ? '{}' : JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}'`,
    );
  return escape(`curl "$API${address}" \\\n  ${flags.join(' \\\n  ')}`);
}

function answersOf({ responses }: Route, all: Schemas): string {
  const good = Object.entries(responses).filter(([status]) => status < '400');
  return good
    .map(([status, { description, content }]) => {
      const [type, { schema, example } = {}] = Object.entries(content ?? {})[0] ?? [];
      const shown =
        example === undefined ? `<p>${escape(type ?? 'No body')}.</p>` : code(coloured(example));
      const fields =
        schema && example !== undefined ? fold('Fields', table(fieldsOf(schema, all))) : '';
      return `<details${status === '202' && good.length > 1 ? '' : ' open'}><summary><span class="ok">${status}</span> ${escape(description)}</summary>${shown}${fields}</details>`;
    })
    .join('');
}

function problemsOf({ responses }: Route): string {
  const rows = Object.entries(responses)
    .filter(([status]) => status >= '400' && status !== 'default')
    .flatMap(([status, { content }]) =>
      Object.entries(content?.['application/problem+json']?.examples ?? {}).map(
        ([name, { value }]) =>
          `<details><summary><span class="no">${status}</span> <code>${name}</code> ${escape(value.detail)}</summary>${code(coloured(value))}</details>`,
      ),
    );
  return fold(`Problems (${rows.length})`, rows.join(''));
}

function section(route: Route, all: Schemas): string {
  const { method, path, operationId, summary, parameters, requestBody } = route;
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const asked = parameters.map(({ name, in: place, required, description = '', schema }) => ({
    name,
    kind: place === 'query' ? kindOf(schema, all) : place,
    required,
    words: description,
  }));
  const fields = body ? fieldsOf(body, all) : [];
  return `<article id="${operationId}">
<h3><a href="#${operationId}"><span class="verb ${method}">${method.toUpperCase()}</span> <code>${escape(path)}</code></a></h3>
<p>${escape(summary)}. <span class="roles">${route['x-roles'].map((role) => `<span>${role}</span>`).join(' ')}</span></p>
<div class="two"><div>
${asked.length > 0 ? `<h4>Parameters</h4>${table(asked)}` : ''}
${fields.length > 0 ? `<h4>Body</h4>${table(fields)}` : ''}
${problemsOf(route)}
</div><div>
<h4>Request</h4>${code(curlOf(route))}
<h4>Answer</h4>${answersOf(route, all)}
</div></div></article>`;
}

/** The API as a page: nothing in it comes from elsewhere, and it needs no script. */
export function pageOf({ paths, components: { schemas } }: ApiDocument): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => ({
      ...operation,
      method,
      path,
    })),
  );
  const groups = [...Map.groupBy(routes, ({ tags }) => tags[0]!)];
  const links = groups.map(
    ([tag, own]) =>
      `<h2>${tag}</h2><ul>${own.map(({ operationId, method, path }) => `<li><a href="#${operationId}"><span class="verb ${method}">${method.toUpperCase()}</span> ${escape(path)}</a></li>`).join('')}</ul>`,
  );
  const sections = groups.map(
    ([tag, own]) =>
      `<section><h2 id="${tag}">${tag}</h2>${own.map((route) => section(route, schemas)).join('')}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Cliptally API</title><link rel="stylesheet" href="/docs.css"></head><body>
<nav aria-label="Routes"><a class="home" href="#top">Cliptally API</a>${links.join('')}</nav>
<main id="top"><header><h1>Cliptally API</h1>
<p>Campaigns, clips, earnings and payouts. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<dl>
<div><dt>Who asks</dt><dd>A JWT with <code>sub</code> and <code>role</code>: an <b>admin</b> may do everything, a <b>brand</b> has its own campaigns, a <b>creator</b> its own clips and money. <code>npm start</code> prints a token for each.</dd></div>
<div><dt>Amounts and instants</dt><dd>Whole numbers in minor units of a currency: 6000 is 60.00 USD. Instants are UTC, as in <code>2026-03-01T00:00:00Z</code>.</dd></div>
<div><dt>Sent twice, done once</dt><dd>Give each request that changes something an <code>Idempotency-Key</code>. For 24 hours the same key and body get the same answer, whatever has happened between; another body gets 422.</dd></div>
<div><dt>Read your writes</dt><dd>A success can be read at once. If that takes longer than two seconds the answer is 202, with a <code>location</code> to read in a moment.</dd></div>
<div><dt>Lists and polling</dt><dd>Pass <code>next</code> on as <code>cursor</code> until it is null. Send the <code>ETag</code> back as <code>If-None-Match</code>, and 304 says that nothing has changed.</dd></div>
<div><dt>Problems</dt><dd>A refusal has changed nothing. It is a document by RFC 9457: <code>code</code> for programs, <code>detail</code> for people, <code>errors</code> with each faulty field. After 429 and 503 wait for <code>Retry-After</code> seconds; 409 <code>busy</code> passes when it is sent again.</dd></div>
</dl>
${code(escape(`export API=http://127.0.0.1:8081\nexport TOKEN=eyJhbGciOi...   # one of those that npm start prints\ncurl "$API/campaigns" -H "Authorization: Bearer $TOKEN"`))}
</header>${sections.join('')}</main></body></html>`;
}
