import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
/** These are smaller already. */
const COMPRESSED = new Set(['.png', '.woff2']);
/** Below this, headers weigh more than compression saves. */
const LEAST_BYTES = 1_000;
/** A year: the name of a file here changes with its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const HASHED = 'assets/';

type Encoding = 'br' | 'gzip';
const ENCODERS: Readonly<Record<Encoding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) =>
    promisify(brotliCompress)(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  gzip: (body) => promisify(gzip)(body, { level: 9 }),
};

export interface PageFile {
  type: string;
  etag: string;
  body: Buffer;
  /** Whether its name changes with its content. */
  hashed: boolean;
  /** The body by encoding, made when it is first asked for; null if that saves nothing. */
  encoded: Map<Encoding, Promise<Buffer>> | null;
}
export type PageFiles = ReadonlyMap<string, PageFile>;

/**
 * The files of a page as web/build.mjs has bundled it, by their paths below `folder` with slashes;
 * empty if it has not been built. Files below `assets/` have a hash in their names.
 */
export function pageFiles(folder: string): PageFiles {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => Object.hasOwn(TYPES, extname(name)))
    .map((name) => name.split(sep).join('/'));
  return new Map(names.map((name) => [name, fileOf(name, readFileSync(join(folder, name)))]));
}

function fileOf(name: string, body: Buffer): PageFile {
  const extension = extname(name);
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return {
    type: TYPES[extension]!,
    body,
    etag: `"${digest}"`,
    hashed: name.startsWith(HASHED),
    encoded: COMPRESSED.has(extension) || body.length < LEAST_BYTES ? null : new Map(),
  };
}

/** The smallest encoding that the caller takes; null if it takes none. */
function encodingFor(accepted: string): Encoding | null {
  const taken = new Map(
    accepted.split(',').map((part) => {
      const [name, ...parameters] = part.trim().toLowerCase().split(';');
      return [name!.trim(), !parameters.some((one) => /^\s*q=0(\.0*)?\s*$/.test(one))] as const;
    }),
  );
  for (const encoding of ['br', 'gzip'] as const)
    if (taken.get(encoding) ?? taken.get('*') ?? false) return encoding;
  return null;
}

/** Answers with the file: 304 if the caller has it, else compressed if the caller takes that. */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: PageFile,
): Promise<void> {
  const headers: Record<string, string> = {
    etag: file.etag,
    'cache-control': file.hashed ? FOR_EVER : 'no-cache',
    vary: 'accept-encoding',
  };
  const { 'if-none-match': known = '', 'accept-encoding': accepted = '' } = request.headers;
  if (known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag))
    return void response.writeHead(304, headers).end();
  headers['content-type'] = file.type;
  const encoding = file.encoded && encodingFor(accepted);
  let body = file.body;
  if (encoding) {
    const made = file.encoded!.get(encoding) ?? ENCODERS[encoding](body);
    file.encoded!.set(encoding, made);
    body = await made;
    headers['content-encoding'] = encoding;
    // The same entity in another form: a weak tag says so, and is compared without its W/.
    headers['etag'] = `W/${file.etag}`;
  }
  headers['content-length'] = String(body.length);
  response.writeHead(200, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * Headers of every answer of a page: nothing inline, nothing from elsewhere, no frame around it.
 * `connect` are origins that the page may ask, beside its own.
 */
export function pageHeaders(connect: readonly string[]): Record<string, string> {
  const policy = {
    'default-src': "'self'",
    'connect-src': ["'self'", ...connect].join(' '),
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'object-src': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
