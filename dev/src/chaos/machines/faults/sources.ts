import { setTimeout as pause } from 'node:timers/promises';
import type { FaultInput } from '../../../apify-stand-in/faults.js';
import { until } from '../../../servers/index.js';
import type { Fault } from '../fault.js';
import type { Machines } from '../machines.js';

const LASTS_MS = 12_000;
const MEGABYTES = 200;
/** Of the simulated clock. */
const BILL_SECONDS = 2 * 3_600;

/** Until it has struck several calls, and for so long. */
const ofApify = (name: string, what: string, faults: readonly FaultInput[], ms = LASTS_MS): Fault => ({
  name,
  family: 'sources',
  what,
  async strike(world) {
    const before = calls(world);
    world.apify.setFaults(faults);
    try {
      await pause(ms);
      await until('calls of the source', () => calls(world) - before > 3);
    } finally {
      world.apify.setFaults([]);
    }
    return `${calls(world) - before} calls`;
  },
}); // prettier-ignore

const calls = ({ apify }: Machines): number =>
  Object.values(apify.stats().requests).reduce((sum, count) => sum + count, 0);

const SUSPENDED = { status: 403, type: 'account-suspended', message: 'The account is suspended.' };

export const SOURCES: readonly Fault[] = [
  ofApify('source-errors', '30 % of calls fail, half of them after they took effect', [
    { kind: 'error', on: 'any', status: 500, probability: 0.1 },
    { kind: 'error', on: 'any', status: 503, lost: true, probability: 0.1 },
    { kind: 'reset', on: 'any', lost: true, probability: 0.05 },
    { kind: 'error', on: 'any', status: 429, probability: 0.05 },
  ]),
  ofApify('source-huge', `answers of ${MEGABYTES} MB`, [
    { kind: 'flood', on: 'items', megabytes: MEGABYTES, times: 3 },
    { kind: 'flood', on: 'get', megabytes: MEGABYTES, times: 2 },
    { kind: 'flood', on: 'list', megabytes: MEGABYTES, times: 1 },
  ]),
  ofApify('source-endless', 'answers that never end', [
    { kind: 'flood', on: 'items', times: 2 },
    { kind: 'flood', on: 'start', times: 1 },
    { kind: 'flood', on: 'get', times: 1 },
  ]),
  ofApify('source-strangers', 'a third of the rows are of clips that nobody has asked for', [
    { kind: 'row', does: 'another-clip', fraction: 0.3 },
    { kind: 'row', does: 'duplicate', fraction: 0.1 },
  ]),
  ofApify('source-late-bill', `bills come ${BILL_SECONDS / 3_600} hours after their runs`, [
    { kind: 'no-usage', seconds: BILL_SECONDS },
  ]),
  ofApify('source-suspended', 'the account is suspended while runs are under way', [
    { kind: 'error', on: 'any', ...SUSPENDED },
  ]),
  ofApify('source-no-runs', 'runs fail, time out or are aborted, with half of their rows', [
    { kind: 'run', ends: 'FAILED', probability: 0.3 },
    { kind: 'run', ends: 'TIMED-OUT', probability: 0.3 },
    { kind: 'run', ends: 'ABORTED', probability: 0.3 },
  ]),
  {
    name: 'stripe-errors',
    family: 'sources',
    what: 'Stripe ends connections before and after it has carried out a transfer, and answers errors',
    async strike({ stripe }) {
      const before = stripe.asked();
      stripe.strike(
        { kind: 'reset', when: 'after' },
        { kind: 'reset', when: 'before' },
        { kind: 'error', status: 500, type: 'api_error' },
        { kind: 'hang', when: 'after' },
        { kind: 'error', status: 429, type: 'rate_limit_error' },
      );
      await until('transfers', () => stripe.asked() - before > 5);
      return `${stripe.asked() - before} requests`;
    },
  },
];
