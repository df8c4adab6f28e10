import { PLATFORMS, identifyClip } from '@cliptally/contracts';
import {
  damageOf,
  instantOf,
  REPORT_COLUMNS,
  wholeOf,
  type Columns,
  type Reading as FileReading,
} from '@cliptally/spreadsheets';

/** What a row asks of the API, or why it cannot ask anything. */
export type Reading<T> = { request: T } | { reason: string };

export interface ClipRequest {
  url: string;
  campaignId: string;
  creatorId: string;
}

/** A column that is not known is refused, as a misspelt one would be lost. */
export const CLIP_COLUMNS: Columns = {
  what: 'clips',
  needed: ['url', 'campaignId', 'creatorId'],
  others: REPORT_COLUMNS,
};
export const CAMPAIGN_COLUMNS: Columns = {
  what: 'campaigns',
  needed: ['campaignId', 'brandId', 'name', 'currency', 'budget', 'ratePerThousand'],
  others: [
    ...PLATFORMS.map((platform) => `ratePerThousand.${platform}`),
    'minViews', 'maxPayoutPerClip', 'countFrom', 'trackingDays', 'startsAt', 'endsAt', 'exclusive', 'validationDays', 'minPayout',
    ...REPORT_COLUMNS,
  ],
}; // prettier-ignore

const WAY_OUT =
  'import that column as text, or copy the address again; one that is right all the same goes in with "clip submit"';

/** Why a row has not all that it needs; null if it has. */
function lacks(values: Readonly<Record<string, string>>, { needed }: Columns): string | null {
  const missing = needed.filter((column) => values[column] === undefined);
  if (missing.length === 0) return null;
  if (values['raw'] !== undefined && missing.length === needed.length)
    return 'is the raw text of a row: put its cells into their columns';
  return `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
}

export function readClip(values: Readonly<Record<string, string>>): Reading<ClipRequest> {
  const reason = lacks(values, CLIP_COLUMNS);
  if (reason !== null) return { reason };
  const { url, campaignId, creatorId } = values as unknown as ClipRequest;
  for (const [column, id] of Object.entries({ campaignId, creatorId })) {
    const damaged = damageOf(id);
    if (damaged) return { reason: `${column}: ${damaged}; ${WAY_OUT}` };
  }
  const broken = /\d[.,]\d+E\+?\d+/i.exec(url)?.[0];
  const identity = identifyClip(url);
  const damaged = broken
    ? damageOf(broken)
    : identity.kind === 'clip'
      ? damageOf(identity.videoId)
      : null;
  if (damaged) return { reason: `url: ${damaged}; ${WAY_OUT}` };
  if (identity.kind === 'refused') return { reason: `url: ${identity.message}` };
  return { request: { url, campaignId, creatorId } };
}

const AMOUNTS = ['budget', 'maxPayoutPerClip', 'minPayout'];
const COUNTS = ['minViews', 'trackingDays', 'validationDays'];
const MINOR_UNITS = ' of minor units (1500 is 15.00 USD)';
const YES = ['true', 'yes', '1'];
const NO = ['false', 'no', '0'];

/**
 * The terms of a campaign, flat, as the API takes them; whether they make sense together the API
 * says.
 */
export function readCampaign(
  values: Readonly<Record<string, string>>,
  now: Date,
): Reading<Record<string, unknown>> {
  const reason = lacks(values, CAMPAIGN_COLUMNS);
  if (reason !== null) return { reason };
  const request: Record<string, unknown> = { startsAt: now.toISOString() };
  const rates: Record<string, number> = {};
  const faults: string[] = [];
  const taken = <T>(column: string, reading: FileReading<T>): T | undefined => {
    if ('value' in reading) return reading.value;
    faults.push(`${column}: ${reading.fault}`);
    return undefined;
  };
  const number = (column: string, text: string) =>
    taken(column, wholeOf(text, COUNTS.includes(column) ? '' : MINOR_UNITS));
  for (const [column, text] of Object.entries(values)) {
    if (REPORT_COLUMNS.includes(column)) continue;
    const rate = /^ratePerThousand(?:\.(\w+))?$/.exec(column);
    if (rate) rates[rate[1] ?? 'default'] = number(column, text) ?? 0;
    else if (AMOUNTS.includes(column) || COUNTS.includes(column))
      request[column] = number(column, text);
    else if (column === 'startsAt' || column === 'endsAt') {
      request[column] = taken(column, instantOf(text));
    } else if (column === 'exclusive') {
      const word = text.toLowerCase();
      if (![...YES, ...NO].includes(word)) faults.push(`exclusive: ${text} is neither yes nor no`);
      request['exclusive'] = YES.includes(word);
    } else request[column] = text;
  }
  for (const column of ['campaignId', 'brandId']) {
    const damaged = damageOf(values[column]!);
    if (damaged) faults.push(`${column}: ${damaged}`);
  }
  return faults.length > 0
    ? { reason: faults.join('; ') }
    : { request: { ...request, ratePerThousand: rates } };
}
