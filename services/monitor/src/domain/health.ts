/** Looks of a period: those that brought a count, and those that did not. */
export interface Looks {
  recorded: number;
  failed: number;
}

export type HealthState = 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY' | 'UNKNOWN';

export interface Verdict {
  status: HealthState;
  /** Share of looks that brought a count, 0 to 1; null without looks. */
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
 * State of tracking over a period, weighted by clips: every look counts once, whatever run it was
 * in. A period without looks is UNKNOWN, never healthy: a total outage must not be silent.
 */
export function judge(looks: Looks, lastRun: RunFacts | null, now: Date): Verdict {
  const all = looks.recorded + looks.failed;
  const reasons = [
    lastRun
      ? `The last run began ${ago(now, lastRun.startedAt)} and asked for ${lastRun.requested} looks.`
      : 'No run has been seen yet.',
  ];
  if (all === 0)
    return {
      status: 'UNKNOWN',
      successRate: null,
      reasons: ['No look ended in the last 24 hours.', ...reasons],
    };
  const successRate = looks.recorded / all;
  const status =
    successRate > HEALTHY_OVER ? 'HEALTHY' : successRate > DEGRADED_OVER ? 'DEGRADED' : 'UNHEALTHY';
  const share = `${(successRate * 100).toFixed(1)} % of ${all} looks in the last 24 hours brought a count`;
  const bound =
    status === 'HEALTHY'
      ? `over ${HEALTHY_OVER * 100} %`
      : `not over ${(status === 'DEGRADED' ? HEALTHY_OVER : DEGRADED_OVER) * 100} %`;
  return { status, successRate, reasons: [`${share}: ${bound}.`, ...reasons] };
}

function ago(now: Date, then: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000));
  return minutes < 120 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
