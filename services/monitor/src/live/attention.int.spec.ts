import { listen } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { history, made } from '../testing/history.js';
import { bundlePage, hasChromium, startBrowser, visitPage, widths } from '../testing/live-page.js';
import { startMonitorWorld, type MonitorWorld } from '../testing/monitor-world.js';

(hasChromium ? describe : describe.skip)('the live page at night [needs chromium]', () => {
  const screenshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'cliptally-page-'));
  let world: MonitorWorld;
  let browser: Browser;
  beforeAll(async () => {
    bundlePage();
    world = await startMonitorWorld('2026-03-15T12:20:00Z');
    const until = new Date('2026-03-15T12:15:00Z');
    await world.appendAll(history({ until, hours: 24, clips: 20, failing: 0.06 }));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('begins with what needs a person: alerts with their runbooks, money at risk, and ages', async () => {
    const alert = (alertname: string, severity: string, annotations: object) => ({
      startsAt: new Date().toISOString(),
      labels: { alertname, severity },
      annotations,
    });
    const alerts = createServer((_, response) =>
      response.end(
        JSON.stringify([
          alert('UsageHigh', 'warning', {
            summary: 'More than 80 % of the quota is used',
            cost: 'Later runs are smaller.',
            runbook_url: 'javascript:alert(1)',
          }),
          alert('PayoutBeyondEarnings', 'critical', {
            summary: 'A creator was paid more than was earned',
            description: '5.00 USD beyond what was earned.',
            cost: 'The money has left.',
            runbook_url: 'https://docs.example/docs/runbooks/PayoutBeyondEarnings.md',
          }),
        ]),
      ),
    );
    await listen(alerts, 0, '127.0.0.1');
    const alertmanagerUrl = `http://127.0.0.1:${(alerts.address() as AddressInfo).port}`;
    const [now, creatorId] = [world.clock.now(), 'greedy'];
    const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
    const payout = (payoutId: string, hours: number) =>
      made('PayoutRequested', { payoutId, creatorId, currency: 'USD', amount: 500 }, ago(hours));
    const of = (payoutId: string) => ({ payoutId, creatorId, by: 'root' });
    await world.append(
      `payout-${creatorId}`,
      payout('p1', 80),
      made('PayoutApproved', of('p1'), ago(70)),
      made('PayoutPaid', { ...of('p1'), externalReference: 'SEPA 1' }, ago(60)),
      payout('p2', 72),
    );
    const withAlerts = await world.start({ alertmanagerUrl });
    const faults: string[] = [];
    const sizes = [
      ['wide', 1280],
      ['narrow', 360],
    ] as const;
    try {
      await world.reached(withAlerts);
      for (const colorScheme of ['light', 'dark'] as const)
        for (const [size, width] of sizes) {
          const screen = { colorScheme, viewport: { width, height: 900 } };
          const check = async (page: Page) => {
            const card = page.getByRole('region', { name: 'Needs a person' });
            const lines = card.locator('.alerts li');
            await expect(lines.first().textContent()).resolves.toMatch(
              /A creator was paid more than was earned.*If nobody acts: The money has left/,
            );
            await expect(lines.count()).resolves.toBe(2);
            const links = card.getByRole('link');
            await expect(links.count()).resolves.toBe(1);
            await expect(links.getAttribute('href')).resolves.toBe(
              'https://docs.example/docs/runbooks/PayoutBeyondEarnings.md',
            );
            const text = await card.textContent();
            expect(text).toContain('Paid beyond earnings5.00 USD');
            expect(text).toMatch(/Payouts for approval\d+.*the oldest for 3 d/);
            expect(await widths(page)).toEqual([width, width]);
            // Before everything else, also in the order that a screen reader has.
            const order = await page.locator('main section, main h1').evaluateAll(
              (all) => (all as { id: string; tagName: string }[]).map(({ id, tagName }) => id || tagName), // prettier-ignore
            );
            expect(order.slice(0, 2)).toEqual(['attention', 'H1']);
          };
          faults.push(...(await visitPage(browser, { name: `attention-${size}-${colorScheme}`, screenshots, options: screen, allowed: [withAlerts.url] }, check))); // prettier-ignore
        }
      expect(faults).toEqual([]);
    } finally {
      await withAlerts.close();
      alerts.close();
    }
  });
});
