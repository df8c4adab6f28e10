import { createHash } from 'node:crypto';
import type { RawEvent } from '../events.js';

type Data = Record<string, unknown>;

/** `n`-th id of a test: a UUID that says where it comes from. */
export const idOf = (key: string): string => createHash('sha1').update(key).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'); // prettier-ignore

const TERMS = {
  currency: 'USD',
  budget: 100_000,
  ratePerThousand: { default: 200 },
  minViews: 0,
  maxPayoutPerClip: null,
  countFrom: 'zero',
  trackingDays: 30,
  startsAt: '2026-03-01T00:00:00Z',
  endsAt: null,
  exclusive: false,
  validationDays: 3,
  minPayout: 0,
};

/**
 * A line of a settlement as a person works it out: `[clip, due, amount, basis]`; `basis` is
 * `[views, baseline, earned, voided, had]`.
 */
export type WrittenLine = [
  clip: string,
  due: number,
  amount: number,
  basis: [views: number, baseline: number, earned: number, voided: number, had: number],
  more?: Record<string, number | string>,
];

/**
 * Writes a log by hand: every figure is given, nothing is worked out. Positions are dense from 1,
 * as in PostgreSQL.
 */
export class WrittenLog {
  readonly events: RawEvent[] = [];
  time = '2026-03-01T00:00:00.000Z';
  #append = 0;
  readonly #revisions = new Map<string, number>();
  readonly #observations = new Map<string, string>();
  readonly #settled = new Map<string, number>();

  get head(): number {
    return this.events.length;
  }

  /** `2` is the 2nd of March, `2.5` its noon. */
  on(day: number): this {
    this.time = new Date(Date.parse('2026-03-01T00:00:00Z') + (day - 1) * 86_400_000).toISOString();
    return this;
  }
  minutes(minutes: number): this {
    this.time = new Date(Date.parse(this.time) + minutes * 60_000).toISOString();
    return this;
  }

  add(
    stream: string,
    type: string,
    data: Data,
    id = idOf(`${stream} ${this.events.length} ${type}`),
  ): RawEvent {
    const revision = this.#revisions.get(stream) ?? 0;
    this.#revisions.set(stream, revision + 1);
    const cause = `append-${this.#append}`;
    const event: RawEvent = { id, type, version: 2, time: this.time, correlationId: cause, causationId: cause, data, stream, revision, position: this.events.length + 1 }; // prettier-ignore
    this.events.push(event);
    return event;
  }

  /** Events that are appended together: of one cause. */
  together<T>(write: () => T): T {
    this.#append++;
    return write();
  }

  launch(campaignId: string, terms: Data = {}): void {
    this.together(() => this.add(`campaign-${campaignId}`, 'CampaignLaunched', { campaignId, brandId: 'b', name: campaignId, terms: { ...TERMS, ...terms } })); // prettier-ignore
  }
  campaign(campaignId: string, type: string, data: Data = {}): void {
    this.together(() =>
      this.add(`campaign-${campaignId}`, type, {
        campaignId,
        reason: 'because',
        by: 'admin',
        ...data,
      }),
    );
  }
  clip(campaignId: string, name: string, creatorId: string, approve = true): void {
    const clip = { clipId: `youtube-${name}`, platform: 'youtube', campaignId };
    const url = `https://youtu.be/${name}`;
    this.together(() => {
      this.add(`clip-${clip.clipId}`, 'ClipSubmitted', {
        ...clip,
        videoId: name,
        url,
        submittedUrl: url,
        creatorId,
      });
      if (approve) this.add(`clip-${clip.clipId}`, 'ClipApproved', { ...clip, by: 'b' });
    });
  }
  review(campaignId: string, name: string, type: 'ClipApproved' | 'ClipRejected'): void {
    const clip = { clipId: `youtube-${name}`, platform: 'youtube', campaignId };
    this.together(() =>
      this.add(`clip-${clip.clipId}`, type, { ...clip, reason: 'because', by: 'b' }),
    );
  }
  mark(campaignId: string, name: string, what: 'Held' | 'Released'): void {
    const clip = { clipId: `youtube-${name}`, campaignId };
    this.together(() => {
      this.add(`clip-${clip.clipId}`, `Clip${what}`, {
        ...clip,
        platform: 'youtube',
        reason: 'because',
        by: 'b',
      });
      this.add(`campaign-${campaignId}`, `CampaignClip${what}`, clip);
    });
  }
  request(name: string, campaignIds: string[], key: string): void {
    const requestId = idOf(key);
    this.together(() => this.add(`tracking-run-${key}`, 'ClipTrackingRequested', { requestId, runId: key, clipId: `youtube-${name}`, platform: 'youtube', url: 'https://youtu.be', score: 1, campaignIds })); // prettier-ignore
  }
  seen(
    name: string,
    views: number,
    {
      observedAt = this.time,
      key = `${name} ${this.events.length}`,
      ...more
    }: { observedAt?: string; key?: string; postedAt?: string; metric?: string } = {},
  ): void {
    const clipId = `youtube-${name}`;
    const id = idOf(`seen ${key}`);
    const high = this.#observations.get(`${name} ${views}`);
    if (!high) this.#observations.set(`${name} ${views}`, id);
    this.together(() => this.add(`clip-${clipId}`, 'ViewsRecorded', { clipId, platform: 'youtube', requestId: idOf(key), runId: 'r', source: 's', costMicroUsd: 0, views, metric: 'm', observedAt, cached: false, ...more }, id)); // prettier-ignore
  }

  /**
   * One settlement; `creators` by clip, what is taken back first, then the lines. `unpaid` where it
   * ends the budget of `budget`.
   */
  settle(
    campaignId: string,
    lines: WrittenLine[],
    more: {
      back?: WrittenLine[];
      exhausted?: { budget: number; unpaid: number };
      leftOut?: string[];
      decidedAt?: number | null;
    } = {},
  ): void {
    const decidedAt = more.decidedAt === undefined ? this.head : more.decidedAt;
    const of = { campaignId, currency: this.#currency(campaignId), decidedAt };
    this.together(() => {
      if (more.back) this.#reverse(campaignId, of, more.back.map((line) => ({ ...this.#line(campaignId, line), reason: 'an earlier observation' })), 'cliptally:settlement'); // prettier-ignore
      if (lines.length > 0)
        this.add(`campaign-${campaignId}`, 'EarningsAccrued', {
          ...of,
          total: lines.reduce((sum, [, , amount]) => sum + amount, 0),
          lines: lines.map((line) => this.#accrual(campaignId, line)),
          leftOut: (more.leftOut ?? []).map((name) => ({
            clipId: `youtube-${name}`,
            reason: 'it cannot be counted',
          })),
        });
      if (more.exhausted)
        this.add(`campaign-${campaignId}`, 'CampaignBudgetExhausted', { ...of, ...more.exhausted });
    });
  }

  reverse(campaignId: string, name: string, amount: number): void {
    const of = { campaignId, currency: this.#currency(campaignId), decidedAt: this.head };
    const clipId = `youtube-${name}`;
    const line = {
      clipId,
      creatorId: this.#creator(campaignId, clipId),
      amount,
      reason: 'bought views',
      basis: null,
    };
    this.together(() => this.#reverse(campaignId, of, [line], 'admin'));
  }

  payout(
    creatorId: string,
    payoutId: string,
    type: string,
    data: Data = {},
    decidedAt: number = this.head,
  ): void {
    const ofPayout = { payoutId, creatorId };
    this.together(() => {
      this.add(`payout-${creatorId}`, type, {
        ...ofPayout,
        reason: 'r',
        externalReference: 'tr',
        by: 'admin',
        ...data,
        decidedAt,
      });
      if (type === 'PayoutRequested')
        this.add(`unique-payout-id-${payoutId}`, 'PayoutIdTaken', ofPayout);
    });
  }

  /** Moves a clip with `amount` of earnings; what it brings along is `[views, observed at]`. */
  move(
    name: string,
    from: string,
    to: string,
    amount: number,
    seen: { approvedAt: string; highWater: [number, string]; first: [number, string] },
  ): void {
    const clipId = `youtube-${name}`;
    const clip = { clipId, platform: 'youtube' };
    const kept = ([views, observedAt]: [number, string]) => ({
      id: this.#observations.get(`${name} ${views}`),
      views,
      observedAt,
    });
    const moved = { from, approvedAt: seen.approvedAt, highWater: kept(seen.highWater), first: kept(seen.first) }; // prettier-ignore
    const creatorId = this.#creator(from, clipId);
    const decidedAt = this.head;
    this.together(() => {
      const add = (type: string, data: Data) =>
        this.add(`clip-${clipId}`, type, { ...clip, reason: 'moved', by: 'admin', ...data });
      const currency = this.#currency(from);
      const lines = [{ clipId, creatorId, amount, reason: 'moved' }];
      this.#reverse(from, { campaignId: from, currency, decidedAt }, lines, 'admin');
      this.add(`campaign-${from}`, 'CampaignClipMoved', { campaignId: from, clipId, from, to });
      add('ClipRejected', { campaignId: from });
      add('ClipSubmitted', { campaignId: to, videoId: name, url: 'u', submittedUrl: 'u', creatorId }); // prettier-ignore
      add('ClipApproved', { campaignId: to, moved });
      this.add(`campaign-${to}`, 'CampaignClipMoved', { campaignId: to, clipId, from, to });
    });
  }

  #reverse(
    campaignId: string,
    of: Data,
    lines: { creatorId: string; amount: number; reason: string }[],
    by: string,
  ): void {
    const total = lines.reduce((sum, { amount }) => sum + amount, 0);
    const { id } = this.add(`campaign-${campaignId}`, 'EarningsReversed', {
      ...of,
      total,
      lines,
      by,
    });
    for (const [creatorId, those] of Map.groupBy(lines, (line) => line.creatorId)) {
      const amount = those.reduce((sum, line) => sum + line.amount, 0);
      this.add(`payout-${creatorId}`, 'CreatorEarningsReversed', {
        creatorId,
        campaignId,
        currency: of['currency'],
        amount,
        reversal: id,
      });
    }
  }

  #line(
    campaignId: string,
    [name, , amount, [views, baseline, earned, voided, had], more]: WrittenLine,
  ) {
    const clipId = `youtube-${name}`;
    return {
      clipId,
      creatorId: this.#creator(campaignId, clipId),
      amount,
      basis: { views, baseline, earned, voided, had, ...more },
    };
  }
  #accrual(campaignId: string, line: WrittenLine) {
    const [name, due, , [toViews, baseline]] = line;
    const key = `${campaignId} ${name}`;
    const fromViews = this.#settled.get(key) ?? baseline;
    this.#settled.set(key, toViews);
    return {
      ...this.#line(campaignId, line),
      fromViews,
      toViews,
      due,
      observation: this.#observations.get(`${name} ${toViews}`),
    };
  }
  #creator(campaignId: string, clipId: string): string {
    const submitted = this.events.findLast(({ type, data }) => type === 'ClipSubmitted' && data['clipId'] === clipId && data['campaignId'] === campaignId); // prettier-ignore
    return submitted!.data['creatorId'] as string;
  }
  #currency(campaignId: string): string {
    const launched = this.events.find(
      ({ type, data }) => type === 'CampaignLaunched' && data['campaignId'] === campaignId,
    );
    return (launched!.data['terms'] as { currency: string }).currency;
  }
}
