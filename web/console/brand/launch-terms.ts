import { minorOf } from '../../ui/money.js';

/** What is in the inputs of a launch, by the API's own names of the fields. */
export interface LaunchValues extends Record<string, string | boolean> {
  name: string;
  currency: string;
  budget: string;
  'ratePerThousand.default': string;
  'ratePerThousand.tiktok': string;
  'ratePerThousand.youtube': string;
  'ratePerThousand.instagram': string;
  'ratePerThousand.x': string;
  'ratePerThousand.facebook': string;
  takes_tiktok: boolean;
  takes_youtube: boolean;
  takes_instagram: boolean;
  takes_x: boolean;
  takes_facebook: boolean;
  startsAt: string;
  endsAt: string;
  minViews: string;
  maxPayoutPerClip: string;
  maxPayoutPerCreator: string;
  flatFee: string;
  /** A line each: "100000: 25.00". */
  milestones: string;
  countFrom: string;
  trackingDays: string;
  oldPosts: string;
  maxPostAgeHours: string;
  exclusive: boolean;
  reviewHours: string;
  anomalyThreshold: string;
  requireOwnedAccount: boolean;
  /** A line each. */
  requiredText: string;
  maxSubmissionsPerDay: string;
  validationDays: string;
  minPayout: string;
  publicCatalogue: boolean;
  leaderboardNames: boolean;
  /** Percent, with up to two digits. */
  'platformFee.basisPoints': string;
  'platformFee.bearer': string;
}

export const SITES = ['tiktok', 'youtube', 'instagram', 'x', 'facebook'] as const;

/** As `datetime-local` inputs have it: in the viewer's zone, to the minute. */
function localMinute(ms: number): string {
  const zoned = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return zoned.toISOString().slice(0, 16);
}

export const initialTerms = (now: number): LaunchValues => ({
  name: '',
  currency: 'USD',
  budget: '',
  'ratePerThousand.default': '',
  'ratePerThousand.tiktok': '',
  'ratePerThousand.youtube': '',
  'ratePerThousand.instagram': '',
  'ratePerThousand.x': '',
  'ratePerThousand.facebook': '',
  takes_tiktok: true,
  takes_youtube: true,
  takes_instagram: true,
  takes_x: true,
  takes_facebook: true,
  startsAt: localMinute(now),
  endsAt: '',
  minViews: '',
  maxPayoutPerClip: '',
  maxPayoutPerCreator: '',
  flatFee: '',
  milestones: '',
  countFrom: 'zero',
  trackingDays: '30',
  oldPosts: 'first_observation',
  maxPostAgeHours: '',
  exclusive: true,
  reviewHours: '48',
  anomalyThreshold: '60',
  requireOwnedAccount: false,
  requiredText: '',
  maxSubmissionsPerDay: '',
  validationDays: '3',
  minPayout: '',
  publicCatalogue: false,
  leaderboardNames: false,
  'platformFee.basisPoints': '',
  'platformFee.bearer': 'brand',
});

interface Fault {
  message: string;
  path: [field: keyof LaunchValues & string];
}

/** What POST /campaigns takes, or what is wrong with the inputs. What is empty is left out. */
export function draftOf(values: LaunchValues) {
  const faults: Fault[] = [];
  const fault = (field: keyof LaunchValues & string, message: string) =>
    void faults.push({ message, path: [field] });
  const text = (field: keyof LaunchValues & string) => String(values[field]).trim();
  const { currency } = values;

  const amount = (field: keyof LaunchValues & string, needed = false): number | undefined => {
    if (text(field) === '' && !needed) return undefined;
    const minor = minorOf(text(field), currency);
    if (minor === null)
      fault(field, `An amount in ${currency}, such as ${needed ? '1500' : '20'}, without signs.`);
    return minor ?? undefined;
  };
  const count = (field: keyof LaunchValues & string, [low, high]: readonly [number, number]) => {
    if (text(field) === '') return undefined;
    const read = /^\d{1,9}$/.test(text(field)) ? Number(text(field)) : NaN;
    if (!(read >= low && read <= high))
      fault(field, `A whole number from ${low} to ${high.toLocaleString('en')}.`);
    return read;
  };
  const instant = (field: 'startsAt' | 'endsAt') => {
    const ms = text(field) === '' ? NaN : new Date(text(field)).getTime();
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  };

  if (text('name') === '') fault('name', 'Creators read it: give it a name.');
  const startsAt = instant('startsAt');
  if (!startsAt) fault('startsAt', 'Say when views begin to count.');
  const taken = SITES.filter((site) => values[`takes_${site}`]);
  if (taken.length === 0) fault('takes_tiktok', 'Take clips of at least one platform.');
  const fee = percentOf(text('platformFee.basisPoints'));
  if (fee === null) fault('platformFee.basisPoints', 'A percentage from 0 to 100, such as 12.5.');

  const body = {
    name: text('name'),
    currency,
    budget: amount('budget', true),
    ratePerThousand: {
      default: amount('ratePerThousand.default', true),
      ...Object.fromEntries(
        taken.map((site) => [site, amount(`ratePerThousand.${site}`)] as const),
      ),
    },
    ...(taken.length < SITES.length && { platforms: taken }),
    startsAt,
    endsAt: instant('endsAt') ?? null,
    minViews: count('minViews', [0, 999_999_999]),
    maxPayoutPerClip: amount('maxPayoutPerClip') ?? null,
    maxPayoutPerCreator: amount('maxPayoutPerCreator'),
    flatFee: amount('flatFee'),
    milestones: milestonesOf(text('milestones'), currency, (message) =>
      fault('milestones', message),
    ),
    countFrom: values.countFrom,
    trackingDays: count('trackingDays', [1, 3_650]),
    oldPosts: values.oldPosts,
    maxPostAgeHours: count('maxPostAgeHours', [1, 87_600]),
    exclusive: values.exclusive,
    reviewHours: count('reviewHours', [1, 8_760]) ?? null,
    anomalyThreshold: count('anomalyThreshold', [1, 100]) ?? null,
    requireOwnedAccount: values.requireOwnedAccount || undefined,
    requiredText: linesOf(text('requiredText')),
    maxSubmissionsPerDay: count('maxSubmissionsPerDay', [1, 10_000]),
    validationDays: count('validationDays', [0, 365]),
    minPayout: amount('minPayout'),
    publicCatalogue: values.publicCatalogue || undefined,
    leaderboardNames: values.leaderboardNames || undefined,
    platformFee: fee ? { basisPoints: fee, bearer: values['platformFee.bearer'] } : undefined,
  };
  return faults.length > 0 ? { faults } : { body };
}

/** As a form's schema (Standard Schema). */
export const Draft = {
  '~standard': {
    validate: (values: unknown) => {
      const draft = draftOf(values as LaunchValues);
      return 'faults' in draft ? { issues: draft.faults } : { value: draft.body };
    },
  },
};

const linesOf = (text: string): string[] | undefined => {
  const lines = text.split('\n').flatMap((line) => line.trim() || []);
  return lines.length > 0 ? lines : undefined;
};

function milestonesOf(text: string, currency: string, fault: (message: string) => void) {
  return linesOf(text)?.map((line) => {
    const [views = '', bonus = ''] = line.split(':');
    const minor = minorOf(bonus, currency);
    if (!/^\s*\d{1,9}\s*$/.test(views) || !minor)
      fault(`A line each, as views and amount: "100000: 25". This one is not: "${line}".`);
    return { views: Number(views), bonus: minor };
  });
}

/** Hundredths of a percent; undefined for none, null if it cannot be read. */
function percentOf(text: string): number | null | undefined {
  if (text === '') return undefined;
  const [, whole, fraction = ''] = /^(\d{1,3})(?:[.,](\d{1,2}))?\s*%?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const points = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return points <= 10_000 ? points : null;
}

/** The input that a fault of the API belongs to. */
export const inputOf = (field: string): string => {
  if (field === 'ratePerThousand') return 'ratePerThousand.default';
  if (field.startsWith('milestones')) return 'milestones';
  if (field.startsWith('requiredText')) return 'requiredText';
  if (field.startsWith('platforms')) return 'takes_tiktok';
  return field === 'platformFee' ? 'platformFee.basisPoints' : field;
};
