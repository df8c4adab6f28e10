import { z } from 'zod';
import type { AttentionSection } from './sections.js';

/** The page is read again soon: it does not wait for an Alertmanager that is slow. */
const ANSWER_MS = 2_000;
const MOST = 50;
const SEVERITIES = ['critical', 'warning'];

const text = z.string().max(5_000).catch('');
const Answer = z.array(
  z.object({
    startsAt: z.iso.datetime({ offset: true }),
    labels: z.looseObject({ alertname: z.string(), severity: text }),
    annotations: z
      .looseObject({ summary: text, description: text, cost: text, runbook_url: text })
      .partial(),
  }),
);

/**
 * What Alertmanager would tell of now: what is silenced, or follows from another alert, is left
 * out, so that one incident is one line here, too. Never rejects.
 */
export async function firingAlerts(url: string | undefined): Promise<AttentionSection['alerts']> {
  if (url === undefined) return { known: 'not_set', lines: [] };
  try {
    const asked = new URL('api/v2/alerts?active=true&silenced=false&inhibited=false', `${url.replace(/\/$/, '')}/`); // prettier-ignore
    const response = await fetch(asked, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!response.ok) return { known: 'no', lines: [] };
    const lines = Answer.parse(await response.json())
      // The watchdog fires while all is well.
      .filter(({ labels }) => SEVERITIES.includes(labels.severity))
      .map(({ startsAt, labels, annotations: { summary, description, cost, runbook_url } }) => ({
        name: labels.alertname,
        critical: labels.severity === 'critical',
        since: Date.parse(startsAt),
        summary: summary || labels.alertname,
        description: description ?? '',
        cost: cost ?? '',
        runbook: runbook_url ?? '',
      }));
    lines.sort((a, b) => Number(b.critical) - Number(a.critical) || a.since - b.since);
    return { known: 'yes', lines: lines.slice(0, MOST) };
  } catch {
    return { known: 'no', lines: [] };
  }
}
