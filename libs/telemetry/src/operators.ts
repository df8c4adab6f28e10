import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';
import { ConfigurationError, fields } from './configuration.js';
import { isLoopback } from './loopback.js';

const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** Who may read what operators read; spread into a service's schema. */
export const operatorsVariables = () => ({
  OPERATORS_ACCESS: z
    .enum(['token', 'open'])
    .default('token')
    .describe(
      'who reads metrics and figures: who has a token (the default), or everybody on this machine (open)',
    ),
  METRICS_TOKEN: fields.secret(16, 'bearer token that Prometheus reads /metrics with').optional(),
  ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(/[ ,]+/).filter(Boolean))
    .refine(
      (names) => names.every((name) => HOST_NAME.test(name)),
      'must be names of hosts with commas between them, without ports',
    )
    .describe('names, beside those of this machine, by which operators reach it'),
});

export type OperatorsVariables = z.output<z.ZodObject<ReturnType<typeof operatorsVariables>>>;

export interface OperatorsAccess {
  /** Everybody may read, who can reach it. */
  open: boolean;
  metricsToken?: string | undefined;
  /** Names of hosts, beside those of this machine. */
  hosts: readonly string[];
}

/** For a service on this machine alone, such as that of a test. */
export const OPEN: OperatorsAccess = { open: true, hosts: [] };
export const CLOSED: OperatorsAccess = { open: false, hosts: [] };

/** Stands in .env.example for a try on one machine, so everybody knows it. */
const EXAMPLE_TOKEN = /^for-a-try-/;

/** Throws {@link ConfigurationError} in production if everybody knows the token. */
export function operatorsOf(
  c: OperatorsVariables,
  env: Record<string, string | undefined> = process.env,
): OperatorsAccess {
  const { METRICS_TOKEN: metricsToken, ALLOWED_HOSTS: hosts } = c;
  if (env['NODE_ENV'] === 'production' && EXAMPLE_TOKEN.test(metricsToken ?? ''))
    throw new ConfigurationError([
      'METRICS_TOKEN is the one of .env.example, which everybody knows: make one with "openssl rand -hex 32".',
    ]);
  return { open: c.OPERATORS_ACCESS === 'open', metricsToken, hosts };
}

/** Why a request is refused, with the way out. */
export interface Refusal {
  status: 401 | 403 | 503;
  detail: string;
  headers: Readonly<Record<string, string>>;
}

/** Who an admin is by its token, as a name; throws an error with a `code` if it is none. */
export type AdminOf = (authorization: string | undefined) => Promise<string>;

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Lets operators in: to metrics with the metrics token or that of an admin, to figures with that of
 * an admin. Throws {@link ConfigurationError} if it is to be open and others can reach it.
 */
export class OperatorsGate {
  readonly #access: OperatorsAccess;
  readonly #hosts: ReadonlySet<string>;
  readonly #adminOf: AdminOf | undefined;

  constructor(access: OperatorsAccess, host: string, adminOf?: AdminOf) {
    if (access.open && !isLoopback(host))
      throw new ConfigurationError([
        `OPERATORS_ACCESS is "open", and HOST is not an address of this machine alone: set HOST to 127.0.0.1, or leave OPERATORS_ACCESS out and use tokens.`,
      ]);
    this.#access = access;
    this.#hosts = new Set(access.hosts.map((name) => name.toLowerCase()));
    this.#adminOf = adminOf;
  }

  get isOpen(): boolean {
    return this.#access.open;
  }

  /**
   * Null if the host is ours. A page of others can have its name lead to us, and is then asked by a
   * browser as if it were ours (DNS rebinding); an address it cannot have. Without a token, only
   * this machine is asked.
   */
  foreignHost(request: IncomingMessage): Refusal | null {
    const name = (request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase();
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    if (this.#hosts.has(name) || isLoopback(name) || (isAddress && !this.isOpen)) return null;
    return refusal(
      403,
      'This host is not one that is answered here: use its address, or have the operator add it to ALLOWED_HOSTS.',
    );
  }

  /** Null if metrics may be read. */
  async toMetrics(request: IncomingMessage): Promise<Refusal | null> {
    const foreign = this.foreignHost(request);
    if (foreign || this.isOpen) return foreign;
    const { metricsToken } = this.#access;
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (metricsToken && given && timingSafeEqual(digest(given), digest(metricsToken))) return null;
    const asked = await this.toFigures(request);
    return 'caller' in asked ? null : asked;
  }

  /** Who reads figures of creators and money: an admin, or in the open any caller. */
  async toFigures(request: IncomingMessage): Promise<{ caller: string } | Refusal> {
    const foreign = this.foreignHost(request);
    if (foreign) return foreign;
    if (this.isOpen) return { caller: request.socket.remoteAddress ?? '' };
    if (!this.#adminOf)
      return refusal(401, 'Send the METRICS_TOKEN in the header "Authorization: Bearer <token>".');
    try {
      return { caller: await this.#adminOf(request.headers.authorization) };
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      if (code === 'keys_unavailable') return refusal(503, message, { 'retry-after': '5' });
      if (code === 'forbidden') return refusal(403, message);
      if (code === 'unauthorized') return refusal(401, message);
      throw error;
    }
  }
}

const refusal = (
  status: Refusal['status'],
  detail: string,
  headers: Refusal['headers'] = status === 401 ? { 'www-authenticate': 'Bearer' } : {},
): Refusal => ({ status, detail, headers });
