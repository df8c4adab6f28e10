import { PLATFORMS, identifyClip } from '@cliptally/contracts';

/** What a row asks of the API, or why it cannot ask anything. */
export type Reading<T> = { request: T } | { reason: string };

export interface ClipRequest {
  url: string;
  campaignId: string;
  creatorId: string;
}

/**
 * Columns of each kind of file; the first ones must be there. A column that is not known is
 * refused, as a misspelt one would be lost.
 */
export const CLIP_COLUMNS = { needed: ['url', 'campaignId', 'creatorId'], others: [] } as const;
export const CAMPAIGN_COLUMNS = {
  needed: ['campaignId', 'brandId', 'name', 'currency', 'budget', 'ratePerThousand'],
  others: [
    ...PLATFORMS.map((platform) => `ratePerThousand.${platform}`),
    'minViews', 'maxPayoutPerClip', 'countFrom', 'trackingDays', 'startsAt', 'endsAt', 'exclusive', 'validationDays', 'minPayout',
  ],
} as const; // prettier-ignore

/**
 * A number has 15 exact digits in a spreadsheet. Ids are longer, and come out in another form or
 * with zeros at the end.
 */
function damage(id: string): string | null {
  if (/^\d([.,]\d+)?E\+?\d+$/i.test(id))
    return `${id} is an id that a spreadsheet has turned into a number`;
  if (/^\d{16,}$/.test(id) && /^0+$/.test(id.slice(15)))
    return `${id} ends in zeros like an id that a spreadsheet has rounded to 15 digits`;
  if (id.startsWith('#')) return `${id} is what a spreadsheet shows instead of a value`;
  return null;
}

const WAY_OUT =
  'import that column as text, or copy the address again; one that is right all the same goes in with "clip submit"';

export function readClip(values: Readonly<Record<string, string>>): Reading<ClipRequest> {
  const missing = CLIP_COLUMNS.needed.filter((column) => values[column] === undefined);
  if (missing.length > 0)
    return { reason: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing` };
  const { url, campaignId, creatorId } = values as unknown as ClipRequest;
  for (const [column, id] of Object.entries({ campaignId, creatorId })) {
    const damaged = damage(id);
    if (damaged) return { reason: `${column}: ${damaged}; ${WAY_OUT}` };
  }
  const broken = /\d[.,]\d+E\+?\d+/i.exec(url)?.[0];
  const identity = identifyClip(url);
  const damaged = broken
    ? damage(broken)
    : identity.kind === 'clip'
      ? damage(identity.videoId)
      : null;
  if (damaged) return { reason: `url: ${damaged}; ${WAY_OUT}` };
  if (identity.kind === 'refused') return { reason: `url: ${identity.message}` };
  return { request: { url, campaignId, creatorId } };
}

const AMOUNTS = ['budget', 'maxPayoutPerClip', 'minPayout'];
const COUNTS = ['minViews', 'trackingDays', 'validationDays'];
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
  const missing = CAMPAIGN_COLUMNS.needed.filter((column) => values[column] === undefined);
  if (missing.length > 0)
    return { reason: `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing` };
  const request: Record<string, unknown> = { startsAt: now.toISOString() };
  const rates: Record<string, number> = {};
  const faults: string[] = [];
  const number = (column: string, text: string): number => {
    if (!/^\d{1,15}$/.test(text))
      faults.push(
        `${column}: ${text} is not a whole number${COUNTS.includes(column) ? '' : ' of minor units (1500 is 15.00 USD)'}`,
      );
    return Number(text);
  };
  for (const [column, text] of Object.entries(values)) {
    // What a report of refused rows adds, when it is imported in its turn.
    if (column === 'line' || column === 'reason') continue;
    const rate = /^ratePerThousand(?:\.(\w+))?$/.exec(column);
    if (rate) rates[rate[1] ?? 'default'] = number(column, text);
    else if (AMOUNTS.includes(column) || COUNTS.includes(column))
      request[column] = number(column, text);
    else if (column === 'startsAt' || column === 'endsAt') {
      const at = new Date(text);
      if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at.getTime()))
        faults.push(`${column}: ${text} is not an instant like 2026-12-01T00:00Z`);
      else request[column] = at.toISOString();
    } else if (column === 'exclusive') {
      const word = text.toLowerCase();
      if (![...YES, ...NO].includes(word)) faults.push(`exclusive: ${text} is neither yes nor no`);
      request['exclusive'] = YES.includes(word);
    } else request[column] = text;
  }
  for (const column of ['campaignId', 'brandId']) {
    const damaged = damage(values[column]!);
    if (damaged) faults.push(`${column}: ${damaged}`);
  }
  return faults.length > 0
    ? { reason: faults.join('; ') }
    : { request: { ...request, ratePerThousand: rates } };
}
