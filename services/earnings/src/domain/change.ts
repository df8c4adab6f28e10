import type { AnyEvent, EventType } from '@cliptally/contracts';
import type { Caller } from '@cliptally/contracts/api';

/** Kinds of things that a reader of the API may have on the screen. */
export const CHANGE_KINDS = [
  'campaigns',
  'clips',
  'views',
  'earnings',
  'payouts',
  'links',
  'accounts',
  'funding',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One thing that an event has changed, and whose it is. */
export interface Change {
  kind: ChangeKind;
  campaignId: string | null;
  clipId: string | null;
  brandId: string | null;
  creatorId: string | null;
}

/** What the tables know of the things that events name. */
export interface Owners {
  brandOf(campaignId: string): string | null;
  /** The clip's campaigns, and whose clip it is there. */
  entriesOf(clipId: string): readonly { campaignId: string; creatorId: string }[];
  linkOf(linkId: string): { campaignId: string; creatorId: string } | null;
}

const KINDS = {
  CampaignLaunched: 'campaigns', CampaignToppedUp: 'campaigns', CampaignPaused: 'campaigns',
  CampaignResumed: 'campaigns', CampaignEnded: 'campaigns', CampaignVisibilityChanged: 'campaigns', CampaignBudgetExhausted: 'campaigns',
  EarningsAccrued: 'earnings', EarningsReversed: 'earnings',
  CampaignClipHeld: 'clips', CampaignClipReleased: 'clips', CampaignClipMoved: 'clips',
  ClipSettlementFailed: 'clips', ClipSubmitted: 'clips', ClipApproved: 'clips',
  ClipRejected: 'clips', ClipHeld: 'clips', ClipReleased: 'clips', ClipAppealed: 'clips',
  ClipAppealAnswered: 'clips', ClipRetired: 'clips', ClipRestored: 'clips',
  ClipPostSeen: 'clips', ViewsRecorded: 'views', ScrapeFailed: 'views', ViewFieldChanged: 'views', FigureConfirmed: 'views',
  PayoutAccountSet: 'payouts', PayoutRequested: 'payouts', PayoutApproved: 'payouts',
  PayoutRejected: 'payouts', PayoutPaid: 'payouts', PayoutFailed: 'payouts',
  CreatorEarningsReversed: 'payouts', CreatorErased: 'payouts',
  ShortLinkSubmitted: 'links', ShortLinkTried: 'links', ShortLinkResolved: 'links',
  ShortLinkRefused: 'links',
  AccountClaimed: 'accounts', AccountVerified: 'accounts', AccountReleased: 'accounts',
  BudgetFunded: 'funding', BudgetRefunded: 'funding', BudgetRefundUndone: 'funding',
} as const satisfies Partial<Record<EventType, ChangeKind>>; // prettier-ignore

/** Events that change what somebody may have on the screen. */
export const CHANGING = Object.keys(KINDS) as (keyof typeof KINDS)[];

const NAMING_PEOPLE = ['clips', 'payouts', 'links', 'accounts'] as const;

/** What an event has changed: once for each owner, so that each learns of its own only. */
export function changesOf(event: AnyEvent, owners: Owners): Change[] {
  const kind: ChangeKind | undefined = (KINDS as Partial<Record<EventType, ChangeKind>>)[
    event.type
  ];
  if (!kind) return [];
  const { data } = event;
  const of = (more: Partial<Change>): Change => {
    const { campaignId = null, brandId: own = null } = more;
    const brandId = campaignId === null ? own : owners.brandOf(campaignId);
    return { kind, campaignId, clipId: null, creatorId: null, ...more, brandId };
  };
  if ('lines' in data)
    return data.lines.map(({ clipId, creatorId }) => of({ campaignId: data.campaignId, clipId, creatorId })); // prettier-ignore
  // Its keys are gone: whatever names it is read anew.
  if (event.type === 'CreatorErased')
    return NAMING_PEOPLE.map((named) => ({
      ...of({ creatorId: event.data.creatorId }),
      kind: named,
    }));
  if ('linkId' in data) return [of(owners.linkOf(data.linkId) ?? {})];
  if ('clipId' in data) {
    const { clipId } = data;
    const entries = owners.entriesOf(clipId);
    const own = 'campaignId' in data ? entries.filter(({ campaignId }) => campaignId === data.campaignId) : entries; // prettier-ignore
    // Of a clip that has left its campaign again, the campaign is still what has changed.
    if (own.length === 0) return [of('campaignId' in data ? { clipId, campaignId: data.campaignId } : { clipId })]; // prettier-ignore
    return own.map(({ campaignId, creatorId }) => of({ clipId, campaignId, creatorId }));
  }
  if ('campaignId' in data && kind === 'campaigns') return [of({ campaignId: data.campaignId })];
  if ('brandId' in data && kind === 'funding') return [of({ brandId: data.brandId })];
  return 'creatorId' in data ? [of({ creatorId: data.creatorId })] : [];
}

/**
 * Whether the caller may learn of it: what `requireOwner` lets it read. Campaigns themselves are
 * open to every creator.
 */
export function mayLearn({ role, subject }: Caller, change: Change): boolean {
  if (role === 'admin') return true;
  if (role === 'brand') return change.brandId === subject;
  return change.creatorId === subject || change.kind === 'campaigns';
}

/** What has changed for one reader since it was last sent something. */
export class Summary {
  readonly #kinds = new Set<ChangeKind>();
  readonly #campaigns = new Set<string>();
  readonly #clips = new Set<string>();

  add({ kind, campaignId, clipId }: Change): void {
    this.#kinds.add(kind);
    if (campaignId !== null && this.#campaigns.size <= MOST_IDS) this.#campaigns.add(campaignId);
    if (clipId !== null && this.#clips.size <= MOST_IDS) this.#clips.add(clipId);
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  /** Null in place of ids: more than are named, any of them may have changed. */
  toJSON(): { kinds: ChangeKind[]; campaigns: string[] | null; clips: string[] | null } {
    const named = (ids: ReadonlySet<string>) => (ids.size > MOST_IDS ? null : [...ids].toSorted());
    return {
      kinds: CHANGE_KINDS.filter((kind) => this.#kinds.has(kind)),
      campaigns: named(this.#campaigns),
      clips: named(this.#clips),
    };
  }
}

const MOST_IDS = 200;
