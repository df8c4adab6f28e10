import { listen } from '@cliptally/telemetry';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firingAlerts } from './firing-alerts.js';

const alert = (
  alertname: string,
  severity: string,
  startsAt: string,
  annotations: object = {},
) => ({
  startsAt,
  labels: { alertname, severity, service: 'scraper' },
  annotations,
  status: { state: 'active', inhibitedBy: [], silencedBy: [] },
});

describe('the alerts of the page', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());
  async function answering(
    status: number,
    body: string,
  ): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    server = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(status).end(body);
    });
    await listen(server, 0, '127.0.0.1');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/am/`, asked };
  }

  it('are those that would be sent now: the worst and the oldest first, without the watchdog', async () => {
    const { url, asked } = await answering(
      200,
      JSON.stringify([
        alert('Watchdog', 'none', '2026-03-15T00:00:00.000Z'),
        alert('UsageHigh', 'warning', '2026-03-15T11:00:00.000+01:00', { summary: 'Much is used' }),
        alert('TargetDown', 'critical', '2026-03-15T12:00:00.000Z', {
          summary: 'scraper does not answer',
          description: 'For two minutes.',
          cost: 'Nothing is scraped.',
          runbook_url: 'docs/runbooks/TargetDown.md',
        }),
        alert('DiskFull', 'critical', '2026-03-15T11:30:00.000Z'),
      ]),
    );
    const { known, lines } = await firingAlerts(url);
    expect(asked).toEqual(['/am/api/v2/alerts?active=true&silenced=false&inhibited=false']);
    expect(known).toBe('yes');
    expect(lines.map(({ name }) => name)).toEqual(['DiskFull', 'TargetDown', 'UsageHigh']);
    expect(lines[1]).toEqual({
      name: 'TargetDown',
      critical: true,
      since: Date.parse('2026-03-15T12:00:00.000Z'),
      summary: 'scraper does not answer',
      description: 'For two minutes.',
      cost: 'Nothing is scraped.',
      runbook: 'docs/runbooks/TargetDown.md',
    });
    expect(lines[0]).toMatchObject({ summary: 'DiskFull', runbook: '' });
  });

  it.each([
    ['an error', 500, '[]'],
    ['no JSON', 200, '<html>'],
    ['something else', 200, '{"status":"success"}'],
  ])('are not known if Alertmanager answers with %s', async (_, status, body) => {
    const { url } = await answering(status, body);
    expect(await firingAlerts(url)).toEqual({ known: 'no', lines: [] });
  });

  it('are not known if nobody answers, and not shown if nobody has said where to ask', async () => {
    expect(await firingAlerts('http://127.0.0.1:1')).toEqual({ known: 'no', lines: [] });
    expect(await firingAlerts(undefined)).toEqual({ known: 'not_set', lines: [] });
  });
});
