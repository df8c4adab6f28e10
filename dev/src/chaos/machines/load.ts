import { identifyClip, type AnyEvent, type EventType } from '@cliptally/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../simulation/chance.js';
import { sampleClip } from '../../world/sample-world.js';
import { CREATORS, accountOf, type Machines } from './machines.js';

/** Real time between two steps of one person. */
const BETWEEN_MS = 150;
const PERSONS = 2;
const WITHIN_MS = 10_000;
const AGAIN_MS = 300;
/** What makes a mail: enough of them that a fault meets one. */
const MAILED: readonly EventType[] = ['ClipApproved', 'CampaignBudgetExhausted', 'PayoutPaid'];
/** Longer than anything may take to recover. */
const PATIENCE_MS = 600_000;

interface Answer {
  status: number;
  // Bodies of many routes.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/**
 * People who submit, approve, launch and ask for their money all the time, each as a client that
 * sends again what has no answer; and what was acknowledged to them.
 */
export class Load {
  /** Names of events that the API has acknowledged (see {@link nameOf}). */
  readonly acknowledged = new Set<string>();
  #clips = 0;
  #campaigns = 0;
  #payouts = 0;
  #sent = 0;
  #open: string[] = [];
  #mailedFrom = Infinity;
  #stop = new AbortController();
  readonly #closed = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** What went wrong beside refusals. */
  readonly problems: string[] = [];

  constructor(
    private readonly world: Machines,
    private readonly chance: Chance,
  ) {}

  /** Two campaigns, one of which ends soon, and some clips; all of it acknowledged. */
  async begin(): Promise<void> {
    await this.#subscribe();
    for (const creatorId of CREATORS) {
      const account = { provider: 'stripe', account: accountOf(creatorId) };
      await this.#insist(`/creators/${creatorId}/payout-account`, account);
    }
    await this.#launch(50_000_000);
    await this.#launch(200_000);
    for (let n = 0; n < 12; n++) await this.#clip();
  }

  /** A mailbox gets a webhook of each event that {@link isMailed}. */
  async #subscribe(): Promise<void> {
    this.#mailedFrom = await this.world.store.head();
    const types = ['clip.approved', 'campaign.budget_exhausted', 'payout.paid'];
    await this.#insist('/webhook-endpoints', { form: 'email', url: 'mailto:chaos@example.com', types });
  } // prettier-ignore

  /** Without it a run would show less than it says. */
  async #insist(path: string, body: object): Promise<void> {
    const answer = await this.#post(path, body);
    if (!answer || answer.status >= 300)
      throw new Error(`POST ${path} was refused: ${JSON.stringify(answer?.body)}`);
  }

  isMailed({ type, position }: AnyEvent): boolean {
    return position > this.#mailedFrom && MAILED.includes(type);
  }

  /** What the log has not, as it was set back, was never acknowledged. */
  setBack(log: readonly AnyEvent[]): void {
    const there = new Set(log.flatMap((event) => nameOf(event) ?? []));
    for (const name of this.acknowledged) if (!there.has(name)) this.acknowledged.delete(name);
    this.#open = this.#open.filter((id) => there.has(`CampaignLaunched ${id}`));
  }

  start(): void {
    this.#stop = new AbortController();
    this.#running = Promise.all(Array.from({ length: PERSONS }, () => this.#live()));
  }

  /** Resolves once nothing is under way. */
  async pause(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Gives up what is under way, too. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.pause();
  }

  async #live(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        this.problems.push((error as Error).message);
      }
      await pause(BETWEEN_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #step(): Promise<void> {
    const kind = this.chance.below(20);
    if (kind === 0) await this.#launch(this.chance.between(50_000, 400_000));
    else if (kind < 4) await this.#payout(this.chance.of(CREATORS));
    else await this.#clip();
  }

  async #launch(budget: number): Promise<void> {
    const campaignId = `c${++this.#campaigns}`;
    const terms = {
      name: `Campaign ${campaignId}`,
      currency: 'USD',
      budget,
      ratePerThousand: { default: 200 },
      startsAt: new Date(this.world.clock.now().getTime() - 3_600_000).toISOString(),
      oldPosts: 'count',
      countFrom: 'zero',
      trackingDays: 90,
      validationDays: 0,
      minPayout: 0,
      anomalyThreshold: null,
    };
    const answer = await this.#post('/campaigns', { campaignId, brandId: 'acme', ...terms });
    if (this.#done(answer, `CampaignLaunched ${campaignId}`)) this.#open.push(campaignId);
  }

  async #clip(): Promise<void> {
    const { url } = sampleClip(this.#clips++);
    const identity = identifyClip(url);
    if (identity.kind !== 'clip') return;
    const { clipId } = identity;
    // The first has money for all.
    const campaignId = this.chance.happens(0.5) ? this.#open[0]! : this.#open.at(-1)!;
    const submitted = await this.#post('/clips', {
      url,
      campaignId,
      creatorId: this.chance.of(CREATORS),
    });
    if (!this.#done(submitted, `ClipSubmitted ${clipId} ${campaignId}`)) return;
    const approved = await this.#post(`/clips/${clipId}/approve`, { campaignId });
    this.#done(approved, `ClipApproved ${clipId} ${campaignId}`);
  }

  async #payout(creatorId: string): Promise<void> {
    const balance = await this.#ask('GET', `/creators/${creatorId}/balance`);
    const [own] = (balance?.body.balances ?? []) as { currency: string; payable: number }[];
    if (!own || own.payable <= 0) return;
    const payoutId = `p${++this.#payouts}`;
    const amount = Math.max(1, own.payable >> 1);
    const body = { payoutId, creatorId, currency: own.currency, amount };
    const requested = await this.#post('/payouts', body);
    if (!this.#done(requested, `PayoutRequested ${payoutId}`)) return;
    this.#done(await this.#post(`/payouts/${payoutId}/approve`, {}), `PayoutApproved ${payoutId}`);
  }

  #done(answer: Answer | null, name: string): boolean {
    if (!answer || answer.status >= 300) return false;
    this.acknowledged.add(name);
    return true;
  }

  async #post(path: string, body: object): Promise<Answer | null> {
    return this.#ask('POST', path, body);
  }

  /** Null if nobody answered for as long as a client waits. */
  async #ask(method: string, path: string, body?: object): Promise<Answer | null> {
    const key = `chaos-${++this.#sent}`;
    const earnings = [...this.world.machines.values()].filter((one) => one.service === 'earnings');
    const { signal: closed } = this.#closed;
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end && !closed.aborted;) {
      const { url } = this.chance.of(earnings);
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.world.tokens.admin}`,
          'content-type': 'application/json',
          ...(body && { 'idempotency-key': key }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(WITHIN_MS),
      }).catch(() => null);
      const answer = response && (await response.json().catch(() => null));
      if (response && answer && !passes(response.status, answer))
        return { status: response.status, body: answer };
      await pause(AGAIN_MS);
    }
    this.problems.push(`${method} ${path} had no answer for ${PATIENCE_MS / 1_000} s.`);
    return null;
  }
}

/** The request may be sent again as it is: nothing was decided, or nobody knows. */
const passes = (status: number, answer: { code?: string }): boolean =>
  status === 429 || status >= 500 || answer.code === 'busy';

/** What {@link Load.acknowledged} calls an event; null for those that nobody asks for. */
export function nameOf({ type, data }: Pick<AnyEvent, 'type' | 'data'>): string | null {
  const of = data as Record<string, unknown>;
  if (type === 'CampaignLaunched') return `${type} ${String(of['campaignId'])}`;
  if (type === 'ClipSubmitted' || type === 'ClipApproved')
    return `${type} ${String(of['clipId'])} ${String(of['campaignId'])}`;
  if (type === 'PayoutRequested' || type === 'PayoutApproved')
    return `${type} ${String(of['payoutId'])}`;
  return null;
}
