import type { EventData, Platform } from '@cliptally/contracts';
import type { Surroundings } from './due-clip.js';
import type { Policy } from './policies.js';
import type { ScrapeBudget } from './scrape-budget.js';
import type { Candidate } from './select.js';
import type { AgeCap } from './urgency.js';

export interface Limits {
  /** Scrapes of this tracking run at most. */
  scrapes: number;
  /** Scrapes by platform at most; no entry, no limit. */
  byPlatform: Partial<Record<Platform, number>>;
  /** Expected price of a scrape, in millionths of a US dollar. */
  price: (platform: Platform) => number;
  /** Scrapes a day in the long run: they decide the age cap. */
  scrapesPerDay: number;
}

/** What a tracking run decides on beside the clips. Instants are epoch milliseconds. */
export interface TrackingRun extends Surroundings {
  policy: Policy;
  /** Their money in US dollars. */
  campaigns: ReadonlyMap<string, { budget: number; spent: number }>;
  limits: Limits;
  /** When the next tracking run is expected. */
  nextRunAt: number;
  /** Without it money is no limit. */
  budget?: ScrapeBudget;
  /** Age cap of the tracking run before. */
  ageCap?: AgeCap | undefined;
  /** Whether clips that can earn nothing more get a scrape as their windows end; by default. */
  finalFigures?: boolean;
}

/** Why a clip was chosen: its scrape cannot wait, or what gave its score most weight. */
export type Reason = 'window ends' | 'payout' | 'age' | 'budget ends' | 'first scrape' | 'score';

export interface Choice extends Candidate {
  /** US dollars, as the policy estimates them. */
  unrecordedAmount: number;
  /** What the score was multiplied by: campaigns near the end of their budgets. */
  factor: number;
  why: Reason;
}

export interface Plan {
  /** Scrapes that cannot wait first, then by score. */
  chosen: Choice[];
  candidates: number;
  /** Candidates that could have been chosen without any limit. */
  due: number;
  microUsd: number;
  /** Sum over all clips; its mean over earlier plans is the scrape budget's `usualDemand`. */
  demand: number;
  ageCapMs: number;
  /** What scrapes that could wait might cost together; Infinity without a scrape budget. */
  shareMicroUsd: number;
  leftOut: LeftOut;
}

/** Due clips that were not chosen, by what kept them out. */
export type LeftOut = NonNullable<EventData<'TrackingRunStarted'>['leftOut']>;
