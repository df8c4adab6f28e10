import {
  newEvent,
  streams,
  systemClock,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { until as untilSo } from '@cliptally/dev/servers';
import {
  startStripeStandIn,
  type StandInFault,
  type StripeStandIn,
} from '@cliptally/dev/stripe-stand-in';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ServiceProcess } from '../service-process.js';
import { startLog } from './testing/log.js';
import { expectSound } from './testing/sound.js';

const SECRET_KEY = 'sk_test_stand_in';
const ANN = 'ann';

describe('the earnings service, killed while it pays', () => {
  let log: Awaited<ReturnType<typeof startLog>>;
  let stripe: StripeStandIn;
  let earnings: ServiceProcess;

  const add = <T extends EventType>(stream: string, type: T, data: EventInput<T>) => {
    const context = { time: systemClock.now(), correlationId: 'test', causationId: 'test' };
    return log.store.append(
      stream,
      [newEvent(type, randomUUID(), data, context)] as NewEvent[],
      'any',
    );
  };

  beforeAll(async () => {
    log = await startLog();
    stripe = await startStripeStandIn({
      clock: systemClock,
      secretKey: SECRET_KEY,
      accounts: ['acct_ann'],
    });
    earnings = new ServiceProcess('earnings', {
      ...log.environment,
      JWT_SECRET: 'a secret of the tests, long enough to sign with',
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: 'whsec_stand_in',
      STRIPE_BASE_URL: stripe.url,
    });
    const clip = { clipId: 'youtube-a', platform: 'youtube', campaignId: 'c' } as const;
    const terms = {
      currency: 'USD',
      budget: 100_000,
      ratePerThousand: { default: 100 },
      startsAt: '2026-01-01T00:00:00Z',
      validationDays: 0,
    };
    const fixed = {
      minViews: 0,
      maxPayoutPerClip: null,
      countFrom: 'zero',
      trackingDays: 30,
      endsAt: null,
      exclusive: true,
      minPayout: 0,
    } as const;
    await add('campaign-c', 'CampaignLaunched', {
      campaignId: 'c',
      brandId: 'b',
      name: 'c',
      terms: { ...terms, ...fixed },
    });
    const url = 'https://example.com/a';
    await add('clip-youtube-a', 'ClipSubmitted', {
      ...clip,
      videoId: 'a',
      url,
      submittedUrl: url,
      creatorId: ANN,
    });
    const line = {
      clipId: clip.clipId,
      creatorId: ANN,
      fromViews: 0,
      toViews: 1,
      due: 50_000,
      amount: 50_000,
      observation: randomUUID(),
    };
    await add('campaign-c', 'EarningsAccrued', {
      campaignId: 'c',
      currency: 'USD',
      total: 50_000,
      lines: [line],
    });
    await add(streams.payout(ANN), 'PayoutAccountSet', {
      creatorId: ANN,
      provider: 'stripe',
      account: 'acct_ann',
      by: ANN,
    });
  });
  afterAll(async () => {
    await earnings.end('SIGKILL');
    await stripe.close();
    await log.close();
  });

  const until = (holds: () => Promise<boolean> | boolean) =>
    untilSo(String(holds), holds, { said: () => earnings.output });
  const paid = async () =>
    (await Array.fromAsync(log.store.readStream(streams.payout(ANN)))).flatMap((e) =>
      e.type === 'PayoutPaid' ? [e.data.payoutId] : [],
    );

  const moments: [string, StandInFault[], { forget?: boolean }][] = [
    ['before Stripe has done anything', [{ kind: 'hang', when: 'before' }], {}],
    ['after the transfer, before its answer', [{ kind: 'hang', when: 'after' }], {}],
    [
      'after the transfer, and started again when Stripe has forgotten the key',
      [{ kind: 'hang', when: 'after' }],
      { forget: true },
    ],
    ['as soon as Stripe has answered', [], {}],
  ];
  it.each(moments)(
    '%s: goes on after the restart, and pays once',
    async (moment, faults, { forget }) => {
      const payoutId = `p-${moments.findIndex(([name]) => name === moment)}`;
      stripe.strike(...faults);
      const [asked, made] = [stripe.asked(), stripe.transfers.length];
      const ofPayout = { payoutId, creatorId: ANN };
      const destination = { provider: 'stripe', account: 'acct_ann' } as const;
      await add(streams.payout(ANN), 'PayoutRequested', {
        ...ofPayout,
        currency: 'USD',
        amount: 1_000,
      });
      await add(streams.payout(ANN), 'PayoutApproved', { ...ofPayout, destination, by: 'admin' });
      if (!earnings.alive) earnings.start();
      await until(() =>
        moment.includes('after the') || moment.includes('answered')
          ? stripe.transfers.length > made
          : stripe.asked() > asked,
      );
      await earnings.end('SIGKILL');
      if (forget) stripe.forgetKeys();
      earnings.start();
      await until(async () => (await paid()).includes(payoutId));
      expect(stripe.transfers.filter((t) => t.transfer_group === payoutId)).toHaveLength(1);
      expect((await paid()).filter((id) => id === payoutId)).toHaveLength(1);
      await expectSound(log.store);
    },
  );
});
