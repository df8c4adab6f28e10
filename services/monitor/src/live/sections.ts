import type { CampaignStatus, EntryStatus } from '@cliptally/contracts';
import type { NextScrape } from '../domain/next-scrape.js';

/**
 * What the live page shows: one server-sent event a section, complete in itself, sent when it has
 * changed. Instants are milliseconds since 1970, money is text in its currency's own decimals.
 */
export interface Sections {
  clock: ClockSection;
  attention: AttentionSection;
  state: StateSection;
  cost: CostSection;
  campaigns: CampaignsSection;
  clips: ClipsSection;
  failures: FailuresSection;
  newest: NewestSection;
}

export interface ClockSection {
  now: number;
  /** Milliseconds of the clock in one real millisecond. */
  speed: number;
  /** false while the projection catches up; no other section is sent until it has. */
  ready: boolean;
  position: number;
  head: number;
}

export interface AlertLine {
  name: string;
  critical: boolean;
  since: number;
  summary: string;
  description: string;
  /** What is lost if nobody acts. */
  cost: string;
  /** Address of its runbook, or its path in the repository. */
  runbook: string;
}

export interface WaitLine {
  kind:
    'payout_approval' | 'payout_transfer' | 'hold' | 'appeal' | 'submission' | 'skip' | 'scrape';
  count: number;
  oldest: number;
  /** One amount a currency. */
  money: string[];
}

export interface RiskLine {
  kind: 'beyond_budget' | 'beyond_earnings' | 'paid_twice' | 'unsettled';
  money: string[];
  clips: number;
  since: number | null;
}

/** What needs a person, what waits and since when, and money at risk. */
export interface AttentionSection {
  /** `no`: Alertmanager does not answer; `not_set`: nobody has said where it is. */
  alerts: { known: 'yes' | 'no' | 'not_set'; lines: AlertLine[] };
  waits: WaitLine[];
  risks: RiskLine[];
}

export interface StateSection {
  status: 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY' | 'UNKNOWN';
  successRate: number | null;
  reasons: string[];
  recorded: number;
  cached: number;
  failed: number;
  outstanding: number;
  /** Instant of the oldest scrape request without an outcome. */
  oldest: number | null;
  runsOfDay: number;
  /** The newest first. */
  runs: RunLine[];
  /** By the hour, oldest first, hours without scrapes included. */
  hours: { hour: number; recorded: number; failed: number }[];
  scrapes: { platform: string; batches: number; mean: number; p95: number; p95Above: boolean }[];
}

export interface RunLine {
  runId: string;
  startedAt: number;
  policy: string;
  candidates: number;
  requested: number;
  recorded: number;
  failed: number;
  costUsd: number;
  seconds: number | null;
  earned: string[];
}

export interface CostSection {
  start: number;
  end: number;
  budgetUsd: number;
  soFarUsd: number;
  forecastUsd: { low: number; likely: number; high: number } | null;
  /** US dollars by day of the cycle. */
  days: { day: number; usd: number }[];
}

export interface CampaignLine {
  campaignId: string;
  name: string;
  status: CampaignStatus;
  budget: string;
  spent: string;
  left: string;
  /** Of the budget, 0 to 1. */
  share: number;
  exhausted: boolean;
  endsAt: number | null;
  clips: number;
  /** Days; null if nothing was earned lately, or too little is known. */
  daysLeft: { low: number; likely: number | null; high: number | null } | null;
}

export interface CampaignsSection {
  total: number;
  lines: CampaignLine[];
}

export interface ClipLine {
  clipId: string;
  platform: string;
  url: string | null;
  creators: string[];
  views: number | null;
  /** Views an hour between the last two observations. */
  growth: number;
  lastOutcomeAt: number | null;
  next: NextScrape;
  entries: { campaign: string; status: EntryStatus; held: boolean; earned: string }[];
  /** Seconds since 1970 and views. */
  curve: [number, number][];
}

export interface ClipsSection {
  total: number;
  neverScraped: number;
  /** The fastest growing first. */
  lines: ClipLine[];
}

export interface FailureLine {
  clipId: string;
  platform: string;
  url: string | null;
  requestId: string;
  failedAt: number;
  reason: string;
  words: string;
  detail: string | null;
  retryable: boolean;
  attempts: number;
  source: string;
  /** Failures in a row. */
  times: number;
}

export interface FailuresSection {
  total: number;
  reasons: { reason: string; words: string; clips: number }[];
  /** The newest first. */
  lines: FailureLine[];
}

export interface NewestSection {
  lines: { position: number; time: number; kind: string; words: string }[];
}
