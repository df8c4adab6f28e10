import type { EventType } from './catalog.js';

/**
 * Whose a text is, by the field that names the subject: a creator, or a clip or a short link of
 * one. Its own key seals it, and goes when the creator is erased.
 */
export type SubjectField = 'creatorId' | 'clipId' | 'linkId';
export interface PersonalText {
  subject: SubjectField;
}

/** Why a text is not personal, and stays in clear. */
const WHY = {
  actor: 'an opaque id of who acted: a creator, an admin or a part of the system',
  brand: 'words of a brand about its own campaign',
  name: 'a name of a source, a run, a policy, an account of ours, a rule, a field or a currency',
  address: 'the canonical address of a public post, made of its id alone',
  code: 'follows from the id of the claim: to seal it would hide nothing',
  operator: 'words of an operator about an event, which is named by its position and its id',
  machine: 'written by a program about its own work, and about no person',
} as const;
type Why = keyof typeof WHY;
export const WHY_NOT_PERSONAL: Readonly<Record<Why, string>> = WHY;

const creator: PersonalText = { subject: 'creatorId' };
const clip: PersonalText = { subject: 'clipId' };
const link: PersonalText = { subject: 'linkId' };

const by = { by: 'actor' } as const;
const account = { handle: creator, externalId: creator } as const;

/**
 * Every field of every event that holds free text: personal, and whose, or why it is not. Ids,
 * instants and words of a fixed list are no texts. `[]` is each element of a list. A field of a new
 * event is sealed if it stands here as personal, and not by itself.
 */
export const TEXTS = {
  CampaignLaunched: { name: 'brand', 'terms.currency': 'name', 'terms.requiredText[]': 'brand' },
  CampaignToppedUp: by,
  CampaignPaused: { reason: 'brand', ...by },
  CampaignResumed: by,
  CampaignEnded: { reason: 'brand', ...by },
  CampaignVisibilityChanged: by,
  EarningsAccrued: {
    currency: 'name',
    'lines[].basis.field': 'name',
    'leftOut[].reason': 'machine',
  },
  EarningsReversed: {
    currency: 'name',
    'lines[].reason': creator,
    'lines[].basis.field': 'name',
    ...by,
  },
  CampaignBudgetExhausted: { currency: 'name' },
  CampaignClipHeld: {},
  CampaignClipReleased: {},
  CampaignClipMoved: {},
  ClipSettlementFailed: { reason: 'machine' },
  ClipSubmitted: { videoId: 'address', url: 'address', submittedUrl: creator },
  ClipApproved: { 'moved.fields[].field': 'name', ...by },
  ClipRejected: { reason: clip, ...by },
  ClipHeld: {
    reason: clip,
    'anomaly.reasons[].rule': 'name',
    'anomaly.reasons[].observed': 'machine',
    'anomaly.reasons[].threshold': 'machine',
    ...by,
  },
  ClipReleased: by,
  ClipAppealed: { text: creator, ...by },
  ClipAppealAnswered: { reason: clip, ...by },
  ClipRetired: {},
  ClipRestored: by,
  ClipPostSeen: {
    'account.handle': clip,
    'account.externalId': clip,
    'codes[]': 'code',
    'text.found[]': 'brand',
    'text.missing[]': 'brand',
  },
  ViewFieldChanged: { from: 'name', to: 'name', reason: clip, ...by },
  ViewsRecorded: { runId: 'name', source: 'name', metric: 'name', author: clip },
  ScrapeFailed: {
    runId: 'name',
    source: 'name',
    detail: 'machine',
    'figure.rule': 'name',
    'figure.metric': 'name',
    'figure.author': clip,
  },
  FigureConfirmed: by,
  ShortLinkSubmitted: {
    url: creator,
    submittedUrl: creator,
    reason: 'machine',
    detail: creator,
    leadsTo: creator,
  },
  ShortLinkTried: { reason: 'machine', detail: link, leadsTo: link },
  ShortLinkResolved: by,
  ShortLinkRefused: { reason: 'machine', detail: link, ...by },
  TrackingRunStarted: { runId: 'name', policy: 'name' },
  ClipTrackingRequested: { runId: 'name', url: 'address', 'checks.text[]': 'brand' },
  ScrapeBatchStarted: { batchId: 'name', source: 'name' },
  ScrapeBatchCompleted: { batchId: 'name', source: 'name', sourceRunId: 'name' },
  SourceUsageMeasured: { account: 'name' },
  PayoutAccountSet: { account: creator, ...by },
  PayoutRequested: { currency: 'name', 'destination.account': creator },
  PayoutApproved: { 'destination.account': creator, ...by },
  PayoutRejected: { reason: creator, ...by },
  PayoutPaid: { externalReference: creator, ...by },
  PayoutFailed: { reason: creator, ...by },
  CreatorEarningsReversed: { currency: 'name' },
  CreatorErased: { 'forfeited[].currency': 'name', ...by },
  PayoutIdTaken: {},
  SubmissionCounted: {},
  AccountClaimed: { ...account, code: 'code', ...by },
  AccountVerified: { ...account, ...by },
  AccountReleased: { ...account, reason: creator, ...by },
  AccountOwnerChanged: {},
  BudgetFunded: { currency: 'name', reference: 'brand', ...by },
  BudgetRefunded: { currency: 'name', reference: 'brand', refundId: 'brand', ...by },
  BudgetRefundUndone: { currency: 'name', reference: 'brand', refundId: 'brand', ...by },
  BudgetCommitted: { currency: 'name' },
  EventSkipped: { reason: 'operator', type: 'name', ...by },
  EventSkipReviewed: { reason: 'operator', ...by },
} as const satisfies Record<EventType, Readonly<Record<string, PersonalText | Why>>>;

/** A personal field as the steps that lead to it, and the field that names its subject. */
export interface PersonalField {
  path: string;
  steps: readonly string[];
  subject: SubjectField;
}

const fieldsIn = (texts: Readonly<Record<string, PersonalText | Why>>): PersonalField[] =>
  Object.entries(texts).flatMap(([path, of]) =>
    typeof of === 'string' ? [] : { path, steps: path.split('.'), subject: of.subject },
  );

/** By type; a type without any has none. */
export const PERSONAL_FIELDS: ReadonlyMap<string, readonly PersonalField[]> = new Map(
  Object.entries(TEXTS)
    .map(([type, texts]) => [type, fieldsIn(texts)] as const)
    .filter(([, fields]) => fields.length > 0),
);

/**
 * Gives every personal text of an event to `change`, with its subject, and puts there what it
 * gives. The data are changed in place.
 */
export function changePersonalTexts(
  type: string,
  data: object,
  change: (text: string, subject: string) => string,
): void {
  for (const { steps, subject } of PERSONAL_FIELDS.get(type) ?? [])
    visit(data as Branch, steps, 0, subject, undefined, change);
}

type Branch = Record<string, unknown>;

function visit(
  at: Branch,
  steps: readonly string[],
  depth: number,
  subject: SubjectField,
  known: string | undefined,
  change: (text: string, subject: string) => string,
): void {
  const id = (at[subject] as string | undefined) ?? known;
  const step = steps[depth]!;
  if (step.endsWith('[]')) {
    for (const one of (at[step.slice(0, -2)] as Branch[] | undefined) ?? [])
      visit(one, steps, depth + 1, subject, id, change);
    return;
  }
  const value = at[step];
  if (typeof value === 'string' && depth === steps.length - 1) {
    const changed = change(value, `${subject.slice(0, -2)}:${id!}`);
    if (changed !== value) at[step] = changed;
  } else if (value !== null && typeof value === 'object')
    visit(value as Branch, steps, depth + 1, subject, id, change);
}
