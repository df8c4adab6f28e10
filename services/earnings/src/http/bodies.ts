import { systemTimers, type Timers } from '@cliptally/contracts';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { Problem, tooLarge, tooMany } from './problem.js';

const JSON_BYTES = 100 * 1024;
const CSV_BYTES = 2 * 1024 * 1024;
const LIMITS = { json: JSON_BYTES, csv: CSV_BYTES, signed: JSON_BYTES };
/** What the smallest body costs while it is being read. */
const LEAST_BYTES = 4_096;
/** Of all bodies that are being read at once, and of those of one sender. */
const MOST_BYTES = { all: 16 * 1024 * 1024, sender: 4 * 1024 * 1024 };
/** The same of webhooks, which are known only by what they have signed. */
export const OF_WEBHOOKS = { all: 2 * 1024 * 1024, sender: 1024 * 1024 };
const READ_MS = 20_000;

type Kind = keyof typeof LIMITS;
type Raw = Request & { rawBody?: Buffer };

const PARSERS: Readonly<Record<Kind, RequestHandler>> = {
  json: express.json({ limit: JSON_BYTES }),
  csv: express.raw({ limit: CSV_BYTES, type: 'text/csv' }),
  // A webhook is signed byte by byte.
  signed: express.json({
    limit: JSON_BYTES,
    verify: (request, _, body) => void ((request as Raw).rawBody = body),
  }),
};

/**
 * Reads bodies of senders who are known, and of nobody else: what a stranger sends is never kept.
 * All bodies that are being read have a share of memory, each sender has a part of it, and a body
 * that does not come in time is dropped.
 */
export class Bodies {
  readonly #bySender = new Map<string, number>();
  #reading = 0;

  constructor(
    private readonly most = MOST_BYTES,
    private readonly timers: Timers = systemTimers,
  ) {}

  /** Bytes that are set aside for bodies just now. */
  get reading(): number {
    return this.#reading;
  }

  /** Puts the body into the request, as its type says. Throws a problem if it is not taken. */
  async read(kind: Kind, sender: string, request: Request, response: Response): Promise<void> {
    const limit = LIMITS[kind];
    // The parser would wait for its end.
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
    const bytes = sizeOf(request, limit);
    if (bytes === 0) return;
    const had = this.#bySender.get(sender) ?? 0;
    if (had + bytes > this.most.sender || this.#reading + bytes > this.most.all)
      throw tooMany(
        'Too many bodies are being read at this moment: send the request again in a second.',
        1,
      );
    this.#reading += bytes;
    this.#bySender.set(sender, had + bytes);
    try {
      await this.#parsed(PARSERS[kind], request, response);
    } finally {
      this.#reading -= bytes;
      const left = this.#bySender.get(sender)! - bytes;
      if (left > 0) this.#bySender.set(sender, left);
      else this.#bySender.delete(sender);
    }
  }

  #parsed(parser: RequestHandler, request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.timers.after(READ_MS, () =>
        reject(
          new Problem(
            408,
            'too_slow',
            `The body has not come within ${READ_MS / 1_000} s: send the request again.`,
          ),
        ),
      );
      // Somebody waits to be asked for it: until now, it might not have been wanted.
      if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
      parser(request, response, (error?: unknown) => {
        stop();
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

/** What its body may cost at most; 0 if the request has none. */
function sizeOf({ headers }: Request, limit: number): number {
  const length = headers['content-length'];
  // What is packed, or sent piece by piece, says its size when it is there.
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined)
    return limit;
  if (length === undefined || Number(length) === 0) return 0;
  return Math.max(LEAST_BYTES, Number(length));
}

/**
 * Of a refused request whose body has not been read, a small rest is thrown away, and the
 * connection of any other ends.
 */
export function leaveUnread(request: Request, response: Response): void {
  if (request.complete) return;
  const length = Number(request.headers['content-length'] ?? Infinity);
  const waits = request.headers.expect !== undefined;
  if (waits || length > JSON_BYTES) response.set('connection', 'close');
}
