import { derivedId } from '@cliptally/contracts';
import type { Asked } from '@cliptally/earnings';
import type { Chance } from './chance.js';
import { Life, type Loop } from './loop.js';
import type { SimulatedClip } from './scraping.js';
import { send, type Earnings, type Request } from './services.js';

/** The present process of the earnings service, and how another one takes over. */
export interface Serving {
  present(): Earnings;
  restart(): void;
}

type Body = Record<string, unknown>;

/** People who send requests to the earnings service until they have an answer. */
export class People {
  /** Ids of the commands that were accepted, with what they were. */
  readonly acknowledged = new Map<string, string>();
  /**
   * Ids of payouts: asked for, whatever the answer was; requested; approved, as far as their people
   * know.
   */
  readonly #asked: string[] = [];
  readonly #requested = new Set<string>();
  readonly #approved = new Set<string>();
  readonly #loop: Loop;
  readonly #chance: Chance;
  readonly #serving: Serving;
  #sent = 0;
  /** People who wait for an answer. */
  waiting = 0;

  constructor({ loop, chance }: { loop: Loop; chance: Chance }, serving: Serving) {
    this.#loop = loop;
    this.#chance = chance;
    this.#serving = serving;
  }

  launch(campaignId: string, body: Body): void {
    this.#send(
      `launch ${campaignId}`,
      ({ campaigns }, asked) => campaigns.launch(asked),
      { campaignId, ...body },
      {},
    );
  }

  submit(clipId: string, body: Body): void {
    this.#send(`submit ${clipId}`, ({ clips }, asked) => clips.submit(asked), body, {});
  }

  /** One of the requests on a clip of a campaign. */
  review(
    step: 'approve' | 'reject' | 'hold' | 'release' | 'reverse',
    { clipId, campaignId }: SimulatedClip,
    body: Body = {},
  ): void {
    this.#send(
      `${step} ${clipId}`,
      ({ reviews }, asked) => reviews[step](asked),
      { campaignId, ...body },
      { id: clipId },
    );
  }

  manage(step: 'topUp' | 'pause' | 'resume' | 'end', campaignId: string, body: Body = {}): void {
    this.#send(`${step} ${campaignId}`, ({ campaigns }, asked) => campaigns[step](asked), body, {
      id: campaignId,
    });
  }

  requestPayout(creatorId: string, payoutId = `p${this.#asked.length}`): void {
    // Two of the larger amounts are often more than the creator has.
    const amount = this.#chance.happens(0.5)
      ? this.#chance.between(1, 600)
      : this.#chance.between(600, 5_000);
    const body = { payoutId, creatorId, currency: 'USD', amount };
    this.#asked.push(payoutId);
    const accepted = () => this.#requested.add(payoutId);
    this.#send(
      `payout ${payoutId} of ${creatorId}`,
      ({ payouts }, asked) => payouts.request(asked),
      body,
      {},
      accepted,
    );
  }

  /**
   * Two requests with one id at once, by two creators or by one: at most one of them may get it.
   */
  requestPayoutTwice(creatorIds: readonly [string, string]): void {
    const payoutId = `p${this.#asked.length}`;
    for (const creatorId of creatorIds) this.requestPayout(creatorId, payoutId);
  }

  /**
   * The next step of a payout; sometimes of one of which nobody knows whether it has come so far.
   */
  decidePayout(step: 'approve' | 'reject' | 'paid' | 'failed'): void {
    const known = step === 'approve' || step === 'reject' ? this.#requested : this.#approved;
    const some = known.size > 0 && this.#chance.happens(0.8) ? [...known] : this.#asked;
    if (some.length === 0) return;
    const payoutId = this.#chance.of(some.slice(-3));
    const body = {
      approve: {},
      paid: { externalReference: `tr-${this.#chance.below(1000)}` },
      failed: { reason: 'no account' },
      reject: { reason: 'no' },
    }[step];
    this.#send(
      `${step} ${payoutId}`,
      ({ payouts }, request) => payouts[step](request),
      body,
      { id: payoutId },
      () => {
        known.delete(payoutId);
        if (step === 'approve') this.#approved.add(payoutId);
      },
    );
  }

  /**
   * A person asks until there is an answer; the process that answers may be another one by then.
   */
  #send(
    name: string,
    route: Request['route'],
    body: Body,
    params: Asked['params'],
    accepted: () => void = () => {},
  ): void {
    const key = `${this.#sent++} ${name}`;
    const request: Request = {
      name,
      route,
      key,
      asked: { caller: { role: 'admin', subject: 'root' }, body: body as never, query: {}, params },
    };
    const person = new Life(`person, ${name}`);
    this.waiting++;
    this.#loop.begin(person, async () => {
      let answer: boolean | null = null;
      for (let tries = 0; tries < 30 && answer === null; tries++) {
        if (this.#serving.present().life.crashed) this.#serving.restart();
        const earnings = this.#serving.present();
        answer = await Promise.race([send(earnings, request, tries > 0), earnings.life.ended]);
      }
      this.waiting--;
      if (answer === true) accepted();
      // A payment that is there already is accepted without an event.
      if (answer === true && !name.startsWith('paid'))
        this.acknowledged.set(derivedId('simulated', key), name);
    });
  }
}
