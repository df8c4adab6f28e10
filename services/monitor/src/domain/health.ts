/** Outcomes of a period: observations and failures. */
export interface Outcomes {
  recorded: number;
  failed: number;
}

export type HealthState = 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY' | 'UNKNOWN';
export const HEALTH_STATES: readonly HealthState[] = [
  'HEALTHY',
  'DEGRADED',
  'UNHEALTHY',
  'UNKNOWN',
];

export interface Verdict {
  status: HealthState;
  /** Share of scrapes that were recorded, 0 to 1; null without scrapes. */
  successRate: number | null;
  reasons: string[];
}

/** Exactly on a threshold belongs to the lower state. */
const HEALTHY_OVER = 0.9;
const DEGRADED_OVER = 0.7;

export interface RunFacts {
  startedAt: Date;
  requested: number;
  recorded: number;
  failed: number;
}

/**
 * State of tracking over a period; every scrape counts once, whatever run requested it. A period
 * without scrapes is UNKNOWN, never healthy: a total outage must not be silent.
 */
export function judge(outcomes: Outcomes, lastRun: RunFacts | null, now: Date): Verdict {
  const all = outcomes.recorded + outcomes.failed;
  const ofRun = lastRun
    ? `The last tracking run began ${ago(now, lastRun.startedAt)} and requested ${scrapes(lastRun.requested)}.`
    : 'There has been no tracking run yet.';
  if (all === 0)
    return {
      status: 'UNKNOWN',
      successRate: null,
      reasons: ['No scrape ended in the last 24 hours.', ofRun],
    };
  const successRate = outcomes.recorded / all;
  const status =
    successRate > HEALTHY_OVER ? 'HEALTHY' : successRate > DEGRADED_OVER ? 'DEGRADED' : 'UNHEALTHY';
  const share = `${(successRate * 100).toFixed(1)} % of ${scrapes(all)} in the last 24 hours succeeded`;
  const bound =
    status === 'HEALTHY'
      ? `over ${HEALTHY_OVER * 100} % is healthy`
      : `${(status === 'DEGRADED' ? HEALTHY_OVER : DEGRADED_OVER) * 100} % or less is ${status.toLowerCase()}`;
  return { status, successRate, reasons: [`${share}; ${bound}.`, ofRun] };
}

const scrapes = (n: number) => `${n} ${n === 1 ? 'scrape' : 'scrapes'}`;

function ago(now: Date, then: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000));
  return minutes < 120 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
