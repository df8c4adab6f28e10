import { z } from 'zod';
import { ROW_ERRORS } from './actors.js';
import { draw } from './chance.js';
import { ApiError } from './errors.js';

export const CALLS = [
  'actor',
  'start',
  'get',
  'abort',
  'list',
  'items',
  'input',
  'log',
  'user',
] as const;
export type Call = (typeof CALLS)[number];

const Share = z.number().min(0).max(1);
/**
 * Which occasions a fault strikes: those of one actor, the next `times`, each with `probability`;
 * all by default.
 */
const occasions = {
  actor: z.string().optional(),
  times: z.int().positive().optional(),
  probability: Share.optional(),
};
const calls = { ...occasions, on: z.enum([...CALLS, 'any']).default('start') };
/** The call takes effect, and only its answer is lost on the way. */
const lost = z.boolean().default(false);

const CallFault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    ...calls,
    lost,
    status: z.int().min(400).max(599),
    type: z.string().optional(),
    message: z.string().optional(),
    retryAfterSeconds: z.int().positive().optional(),
  }),
  z.strictObject({ kind: z.literal('reset'), ...calls, lost }),
  z.strictObject({ kind: z.literal('slow'), ...calls, seconds: z.number().positive() }),
  /** The dataset is read before its rows can be. */
  z.strictObject({
    kind: z.literal('no-rows-yet'),
    ...occasions,
    on: z.literal('items').default('items'),
  }),
  z.strictObject({ kind: z.literal('malformed'), ...calls, on: calls.on.default('items') }),
  /** White space comes before the answer, so many megabytes of it, or without end. */
  z.strictObject({
    kind: z.literal('flood'),
    ...calls,
    on: calls.on.default('items'),
    megabytes: z.int().positive().optional(),
  }),
]);

const RunFault = z.discriminatedUnion('kind', [
  /** The run ends so, with this share of its videos scraped; NEVER until it is aborted. */
  z.strictObject({
    kind: z.literal('run'),
    ...occasions,
    ends: z.enum(['FAILED', 'TIMED-OUT', 'ABORTED', 'NEVER']),
    keep: Share.default(0.5),
  }),
  z.strictObject({ kind: z.literal('empty'), ...occasions }),
  z.strictObject({ kind: z.literal('no-results'), ...occasions }),
  /** `usageTotalUsd` is absent, for good or for so long after the end of the run. */
  z.strictObject({
    kind: z.literal('no-usage'),
    ...occasions,
    seconds: z.number().positive().optional(),
  }),
  /** Something beside the results is charged, by an event of its own. */
  z.strictObject({
    kind: z.literal('add-on'),
    ...occasions,
    event: z.string(),
    count: z.int().positive(),
    microUsd: z.int().positive(),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...occasions,
    does: z.enum(['twice', 'forged', 'never']),
  }),
]);

/**
 * Strikes the rows of `ids`, or a `fraction` of all rows: in each run anew, or always the same
 * videos if `sticky`.
 */
const RowFault = z.strictObject({
  kind: z.literal('row'),
  actor: z.string().optional(),
  ids: z.array(z.string()).optional(),
  fraction: Share.optional(),
  sticky: z.boolean().default(false),
  does: z.enum([
    'missing',
    'duplicate',
    'other-url',
    'another-clip',
    'error',
    'view-as-text',
    'odd-view',
    'no-view',
    'huge',
    'not-a-row',
    'nested',
  ]),
  /** With `error`. */
  error: z.enum(ROW_ERRORS).default('not_found'),
  /** With `odd-view`: what stands in place of the count. */
  value: z.json().optional(),
  /**
   * With `view-as-text`, `odd-view` and `no-view`: this field alone, instead of every field that
   * counts views.
   */
  field: z.string().optional(),
});

export const Fault = z.discriminatedUnion('kind', [CallFault, RunFault, RowFault]);
/** As a configuration writes it: what has a default may be left out. */
export type FaultInput = z.input<typeof Fault>;
type CallFault = z.output<typeof CallFault>;
export type RunFault = z.output<typeof RunFault>;
export type RowFault = z.output<typeof RowFault>;

/**
 * Decides what goes wrong. Nothing is left to chance: with a probability, the draw hangs on the
 * fault, the seed and the number of the run (or of the call, if there is no run yet), so that
 * the same calls meet the same faults.
 */
export class FaultBook {
  #faults: { fault: z.output<typeof Fault>; left: number; seen: number }[] = [];

  constructor(
    faults: readonly FaultInput[],
    readonly seed: string,
  ) {
    this.set(faults);
  }

  /** Replaces all faults. Throws a ZodError that names what is wrong. */
  set(faults: readonly FaultInput[]): void {
    this.#faults = z
      .array(Fault)
      .parse(faults)
      .map((fault) => ({
        fault,
        left: 'times' in fault ? (fault.times ?? Infinity) : Infinity,
        seen: 0,
      }));
  }

  list(): z.output<typeof Fault>[] {
    return this.#faults
      .map(({ fault, left }) => (left === Infinity ? fault : { ...fault, times: left }))
      .filter((f) => !('times' in f && f.times === 0));
  }

  ofCall(call: Call, actor: string | null): CallFault[] {
    return this.#strike(
      (f) =>
        isCallFault(f) &&
        (f.on === call || f.on === 'any') &&
        (f.actor === undefined || f.actor === actor),
    ) as CallFault[];
  }

  /**
   * Those that strike the run; whether a row fault strikes a row is asked of {@link strikesRow}.
   */
  ofRun(runNo: number, actor: string): (RunFault | RowFault)[] {
    return this.#strike(
      (f) => !isCallFault(f) && (f.actor === undefined || f.actor === actor),
      runNo,
    ) as (RunFault | RowFault)[];
  }

  #strike(
    fits: (fault: z.output<typeof Fault>) => boolean,
    runNo?: number,
  ): z.output<typeof Fault>[] {
    return this.#faults
      .filter((entry) => {
        const { fault } = entry;
        if (entry.left <= 0 || !fits(fault)) return false;
        const probability = 'probability' in fault ? (fault.probability ?? 1) : 1;
        if (draw(this.seed, JSON.stringify(fault), runNo ?? entry.seen++) >= probability)
          return false;
        entry.left -= 1;
        return true;
      })
      .map((entry) => entry.fault);
  }
}

export function strikesRow(fault: RowFault, seed: string, runNo: number, videoId: string): boolean {
  if (fault.ids && !fault.ids.includes(videoId)) return false;
  if (fault.fraction === undefined) return true;
  return draw(seed, JSON.stringify(fault), fault.sticky ? -1 : runNo, videoId) < fault.fraction;
}

const isCallFault = (fault: z.output<typeof Fault>): fault is CallFault =>
  ['error', 'reset', 'slow', 'malformed', 'no-rows-yet', 'flood'].includes(fault.kind);

export const errorOf = ({
  status,
  type,
  message,
  retryAfterSeconds,
}: CallFault & { kind: 'error' }): ApiError =>
  new ApiError(
    status,
    type,
    message,
    retryAfterSeconds ? { 'retry-after': String(retryAfterSeconds) } : {},
  );
