import type { CampaignTerms, Platform } from '@cliptally/contracts';
import { decideEnd, decidePause, decideResume, decideTopUp } from '../campaign.js';
import { decideHold, decideRelease } from '../clip-review.js';
import { netOf } from '../clip.js';
import { decideViewField } from '../clip-restoration.js';
import type { Decided } from '../fact.js';
import { decideReversal } from '../reversal.js';
import { RuleBroken } from '../rule-broken.js';
import { settle, type Settlement } from '../settlement.js';
import {
  accepted,
  ADMIN,
  and,
  given,
  launched,
  observed,
  on,
  recorded,
  type SettlementFact,
} from './facts.js';
import type { NaiveObservation } from './naive.js';

export interface Clip {
  clipId: string;
  platform: Platform;
  approvedAt: string;
  observations: NaiveObservation[];
}

/** What happens besides observations. `key` places it among them; a later key comes later. */
export type Act =
  | { key: number; act: 'settle'; scrapesOutstanding: number }
  | { key: number; act: 'topUp'; amount: number }
  | { key: number; act: 'pause' }
  | { key: number; act: 'resume' }
  | { key: number; act: 'end' }
  | { key: number; act: 'field'; clip: number; field: string }
  | { key: number; act: 'hold' | 'release' | 'void'; clip: number; amount: number };

export interface World {
  terms: CampaignTerms;
  clips: Clip[];
  endAt: string | null;
}

/**
 * Every delivery and act in the order of its key. Only an observation taken after the end cannot
 * arrive before it.
 */
export function schedule(
  { clips, endAt }: World,
  acts: readonly Act[],
  keys: Iterator<number>,
  endKey: number,
): (Act | SettlementFact)[] {
  const deliveries = clips.flatMap(({ clipId, observations }) =>
    observations.flatMap((l, i) =>
      (i % 3 === 0 ? [l, l] : [l]).map((again) => ({
        clipId,
        ...again,
        key: keys.next().value as number,
      })),
    ),
  );
  const steps: { key: number; step: Act | SettlementFact }[] = [
    ...acts.map((act) => ({ key: act.key, step: act })),
    ...deliveries.map(({ clipId, views, observedAt, id, postedAt, field, key }) => {
      const afterEnd = endAt !== null && Date.parse(observedAt) >= Date.parse(endAt);
      return {
        key: afterEnd ? Math.max(key, endKey + 0.5) : key,
        step: observed(clipId, views, observedAt, {
          id,
          loggedAt: on(35, 0, key),
          postedAt,
          field,
        }),
      };
    }),
    ...(endAt === null ? [] : [{ key: endKey, step: { key: endKey, act: 'end' as const } }]),
  ];
  return steps.sort((a, b) => a.key - b.key).map(({ step }) => step);
}

function decide(state: Settlement, step: Act): Decided[] {
  const { campaign } = state;
  const now = new Date(on(35, 0, step.key));
  if (step.act === 'settle') {
    const decision = settle({ ...state, scrapesOutstanding: step.scrapesOutstanding }, now);
    return decision.kind === 'settle' ? decision.events : [];
  }
  if (step.act === 'topUp') return decideTopUp(campaign, { amount: step.amount, by: 'brand-1' });
  if (step.act === 'pause') return decidePause(campaign, { reason: '', by: 'brand-1' });
  if (step.act === 'resume') return decideResume(campaign, { by: 'brand-1' });
  if (step.act === 'end') return decideEnd(campaign, { reason: '', by: 'brand-1' });
  const entry = [...state.clips.values()][step.clip];
  if (!entry) return [];
  if (step.act === 'field') {
    const viewField = entry.views.fields?.at(-1)?.field ?? 'a';
    return decideViewField(
      { ...entry, viewField },
      { field: step.field, reason: 'plays', by: ADMIN },
    );
  }
  if (step.act === 'hold')
    return decideHold(entry, { reason: 'odd', reviewAt: on(70), by: ADMIN }, now);
  if (step.act === 'release') return decideRelease(entry, { by: ADMIN });
  return decideReversal(entry, campaign, {
    amount: Math.min(step.amount, netOf(entry.tally) || 1),
    reason: 'bots',
    by: ADMIN,
  });
}

/**
 * The state after the whole schedule; `check` sees every state on the way. Refused commands change
 * nothing.
 */
export function play(
  world: World,
  budget: number,
  steps: readonly (Act | SettlementFact)[],
  check: (state: Settlement, event: SettlementFact) => void = () => {},
): Settlement {
  const opening = given(
    launched({ ...world.terms, budget }),
    ...world.clips.map(({ clipId, approvedAt }) => accepted(clipId, { time: approvedAt })),
  );
  return steps.reduce((state, step) => {
    const facts = 'act' in step ? allowed(state, step, world.endAt) : [step];
    return facts.reduce((before, event) => {
      const after = and(before, event);
      check(after, event);
      return after;
    }, state);
  }, opening);
}

function allowed(state: Settlement, step: Act, endAt: string | null): SettlementFact[] {
  const time = step.act === 'end' ? endAt! : on(35, 0, step.key);
  try {
    return recorded(decide(state, step), time) as SettlementFact[];
  } catch (error) {
    if (error instanceof RuleBroken) return [];
    throw error;
  }
}

/** Ends holds and the pause, and settles until there is nothing to settle. */
export function finish(state: Settlement): Settlement {
  const time = on(60);
  let open =
    state.campaign.status === 'PAUSED'
      ? and(state, recorded(decideResume(state.campaign, { by: 'brand-1' }), time))
      : state;
  for (const entry of open.clips.values())
    if (entry.hold)
      open = and(open, recorded(decideRelease(entry, { by: ADMIN }), time) as SettlementFact[]);
  for (let round = 0; round < 3; round++) {
    const decision = settle({ ...open, scrapesOutstanding: 0 }, new Date(time));
    if (decision.kind !== 'settle') return open;
    open = and(open, recorded(decision.events, time) as SettlementFact[]);
  }
  throw new Error('The settlement did not come to an end.');
}
