import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@cliptally/contracts';
import { Ledger, StripeRefusal, type Transfer } from './ledger.js';
import { deliver, type WebhookEndpoint } from './webhooks.js';

export type { Transfer } from './ledger.js';

/**
 * What happens to the next transfer that is asked for. `before` and `after` its execution the
 * connection is cut or held open for ever; an `error` is answered instead of it.
 */
export type StandInFault =
  | { kind: 'reset' | 'hang'; when: 'before' | 'after' }
  | { kind: 'error'; status: number; type: string; code?: string; message?: string };

export interface StripeStandInOptions {
  clock: Clock;
  /** The only key that is let in. */
  secretKey: string;
  /** Connected accounts that can receive transfers. */
  accounts?: readonly string[];
  /** What the platform has, by currency in lower case, as Stripe counts it; by default enough. */
  balance?: Readonly<Record<string, number>>;
  webhook?: WebhookEndpoint;
}

export interface StripeStandIn {
  url: string;
  /** Oldest first. */
  transfers: readonly Transfer[];
  accounts: Set<string>;
  /** Payment intents that can be asked for, and refunds that are listed by their payment intent. */
  payments: Map<string, object>;
  refunds: { id: string; payment_intent: string }[];
  /** Requests to make a transfer, also those that were only repeated. */
  asked(): number;
  /** Faults of the next requests to make a transfer, in order. */
  strike(...faults: StandInFault[]): void;
  /** As after 24 hours: repeated requests are new ones. */
  forgetKeys(): void;
  /** The platform's balance is paid into, in a currency in lower case. */
  fund(currency: string, amount: number): void;
  /** As a person at Stripe does, who takes a transfer back. */
  reverse(id: string, amount?: number): void;
  setWebhook(webhook: WebhookEndpoint | undefined): void;
  close(): Promise<void>;
}

interface Kept {
  request: string;
  answer: { status: number; body: unknown } | null;
}

/**
 * Starts an HTTP server that answers as Stripe's API does for transfers to connected accounts,
 * idempotency keys and webhooks included.
 */
export async function startStripeStandIn(options: StripeStandInOptions): Promise<StripeStandIn> {
  const ledger = new Ledger(
    options.clock,
    new Set(options.accounts),
    new Map(Object.entries(options.balance ?? {})),
  );
  const kept = new Map<string, Kept>();
  const faults: StandInFault[] = [];
  const payments = new Map<string, object>();
  const refunds: StripeStandIn['refunds'] = [];
  let { webhook } = options;
  let asked = 0;
  const closing = new AbortController();
  const tell = (type: string, transfer: Transfer) => {
    if (webhook)
      void deliver(webhook, type, structuredClone(transfer), options.clock, closing.signal);
  };

  function make(form: URLSearchParams): Transfer {
    const transfer = ledger.create(form);
    tell('transfer.created', transfer);
    return transfer;
  }

  function reverse(id: string, form: URLSearchParams): Transfer {
    const transfer = ledger.reverse(id, form);
    tell('transfer.reversed', transfer);
    return transfer;
  }

  /**
   * The first answer to a key is the answer for ever, an error included; faulty parameters are no
   * execution and are not kept.
   */
  function once(
    key: string | undefined,
    request: string,
    work: () => unknown,
  ): { status: number; body: unknown; repeated?: boolean } {
    if (key === undefined) return { status: 200, body: work() };
    const known = kept.get(key);
    if (known && known.request !== request) {
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.';
      throw new StripeRefusal(400, 'idempotency_error', message);
    }
    if (known?.answer) return { ...known.answer, repeated: true };
    let answer: { status: number; body: unknown };
    try {
      answer = { status: 200, body: structuredClone(work()) };
    } catch (error) {
      if (!(error instanceof StripeRefusal) || error.code !== 'balance_insufficient') throw error;
      answer = { status: error.status, body: bodyOf(error) };
    }
    kept.set(key, { request, answer });
    return answer;
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://stand-in');
    const text = await textOf(req);
    if (req.headers.authorization !== `Bearer ${options.secretKey}`)
      throw new StripeRefusal(401, 'invalid_request_error', 'Invalid API Key provided.');
    const form = new URLSearchParams(text);
    const [, id, reversals] = /^\/v1\/transfers(?:\/(\w+)(\/reversals)?)?$/.exec(pathname) ?? [];
    const key = req.headers['idempotency-key'] as string | undefined;
    if (req.method === 'GET' && pathname === '/v1/transfers')
      return list(res, pathname, ledger.list(searchParams));
    if (req.method === 'GET' && pathname === '/v1/refunds') {
      const of = searchParams.get('payment_intent');
      return list(res, pathname, refunds.filter(({ payment_intent }) => payment_intent === of)); // prettier-ignore
    }
    const [, intent] = /^\/v1\/payment_intents\/(\w+)$/.exec(pathname) ?? [];
    if (req.method === 'GET' && intent) {
      const found = payments.get(intent);
      if (found) return answer(res, 200, found);
      throw new StripeRefusal(404, 'invalid_request_error', `No such payment_intent: '${intent}'`, 'resource_missing', 'intent'); // prettier-ignore
    }
    if (req.method === 'GET' && id) return answer(res, 200, ledger.find(id));
    if (req.method === 'POST' && id && reversals) return answer(res, 200, reverse(id, form));
    if (req.method !== 'POST' || pathname !== '/v1/transfers')
      throw new StripeRefusal(
        404,
        'invalid_request_error',
        `Unrecognized request URL (${req.method}: ${pathname}).`,
      );
    asked++;
    const fault = faults.shift();
    if (fault?.kind === 'error')
      throw new StripeRefusal(
        fault.status,
        fault.type,
        fault.message ?? 'Something went wrong.',
        fault.code,
      );
    if (fault?.when === 'before') return fail(req, fault.kind);
    const { status, body, repeated } = once(key, `${pathname} ${text}`, () => make(form));
    if (fault) return fail(req, fault.kind);
    if (repeated) res.setHeader('idempotent-replayed', 'true');
    answer(res, status, body);
  }

  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => {
      const refusal =
        error instanceof StripeRefusal ? error : new StripeRefusal(500, 'api_error', String(error));
      answer(res, refusal.status, bodyOf(refusal));
    });
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(0, '127.0.0.1', resolve),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transfers: ledger.transfers,
    accounts: ledger.accounts,
    payments,
    refunds,
    asked: () => asked,
    strike: (...more) => void faults.push(...more),
    forgetKeys: () => kept.clear(),
    fund: (currency, amount) =>
      void ledger.balance.set(currency, (ledger.balance.get(currency) ?? 0) + amount),
    reverse: (id, amount) =>
      void reverse(id, new URLSearchParams(amount === undefined ? {} : { amount: String(amount) })),
    setWebhook: (next) => {
      webhook = next;
    },
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const fail = (req: IncomingMessage, kind: 'reset' | 'hang'): void =>
  void (kind === 'reset' && req.socket.resetAndDestroy());

const bodyOf = ({ type, code, param, message }: StripeRefusal) => ({
  error: { type, message, ...(code && { code }), ...(param && { param }) },
});

function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_stand_in',
    'stripe-should-retry': 'false',
  });
  res.end(JSON.stringify(body));
}

const list = (res: ServerResponse, url: string, data: readonly object[]): void =>
  answer(res, 200, { object: 'list', url, has_more: false, data });

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
