import { derivedId } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@cliptally/telemetry';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { MonitorService } from '../monitor.js';
import { history, made } from '../testing/history.js';
import { bundlePage, hasChromium, startBrowser, visitPage, widths } from '../testing/live-page.js';
import { startMonitorWorld, type MonitorWorld } from '../testing/monitor-world.js';

(hasChromium ? describe : describe.skip)('the live page in Chromium [needs chromium]', () => {
  const screenshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'cliptally-page-'));
  let world: MonitorWorld;
  let monitor: MonitorService;
  let browser: Browser;
  /** An Alertmanager of which no alert fires. */
  const quiet = createServer((_, response) => response.end('[]'));

  beforeAll(async () => {
    bundlePage();
    world = await startMonitorWorld('2026-03-15T12:20:00Z');
    await world.appendAll(
      history({ until: new Date('2026-03-15T12:15:00Z'), hours: 200, clips: 60, failing: 0.06 }),
    );
    await listen(quiet, 0, '127.0.0.1');
    const alertmanagerUrl = `http://127.0.0.1:${(quiet.address() as AddressInfo).port}`;
    monitor = await world.start({ alertmanagerUrl });
    await world.reached(monitor);
    browser = await startBrowser();
  });
  afterAll(async () => {
    console.info(`Screenshots of the live page: ${screenshots}`);
    await browser?.close();
    await monitor?.close();
    await world?.close();
    quiet.close();
  });

  const visit = (
    name: string,
    options: BrowserContextOptions,
    check: (page: Page) => Promise<void>,
    allowed = [monitor.url],
  ) => visitPage(browser, { name, screenshots, options, allowed }, check);

  it.each(['light', 'dark'] as const)(
    'shows figures, in %s, without a fault or an outside request',
    async (colorScheme) => {
      const faults = await visit(
        colorScheme,
        { colorScheme, viewport: { width: 1280, height: 1000 } },
        async (page) => {
          await expect(page.getByRole('heading', { level: 1 }).textContent()).resolves.toBe(
            'Tracking is healthy',
          );
          await expect(page.locator('canvas').count()).resolves.toBe(2);
          await expect(page.locator('.clips .spark').count()).resolves.toBe(12);
          await page.getByRole('button', { name: 'Show 50' }).click();
          await expect(page.locator('.clips .spark').count()).resolves.toBe(50);
          const rows = page.locator('.clips tbody tr');
          // Some are outstanding; of the others the log says when they are due.
          await expect(rows.filter({ hasText: /being scraped$/ }).count()).resolves.toBeGreaterThan(
            0,
          );
          await expect(
            rows.filter({ hasText: /next in \d+ (min|h)$/ }).count(),
          ).resolves.toBeGreaterThan(0);
          await page.getByRole('button', { name: 'Show fewer' }).click();
          await expect(page.locator('.campaigns li').count()).resolves.toBe(5);
          await expect(page.locator('.newest li').count()).resolves.toBe(40);
          await expect(page.locator('.campaigns').textContent()).resolves.toMatch(
            /Kyoto tea house[\d,]+ JPY of 158,000 JPY/,
          );
          // docs/images/live-page.png is this one, in light.
          await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
          await page.screenshot({ path: join(screenshots, `live-page-${colorScheme}.png`) });
          await page.locator('.clips button').first().click();
          await page.locator('.detail canvas').waitFor();
        },
      );
      expect(faults).toEqual([]);
    },
  );

  it('is usable at 360 px', async () => {
    const phone = {
      viewport: { width: 360, height: 740 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
    };
    const faults = await visit('phone', phone, async (page) => {
      expect(await widths(page)).toEqual([360, 360]);
      await page.getByRole('button', { name: 'Money' }).tap();
      await expect(page.locator('.newest li').first().textContent()).resolves.toMatch(/payout/);
    });
    expect(faults).toEqual([]);
  });

  it('is usable by keyboard', async () => {
    await visit('keyboard', { viewport: { width: 1200, height: 800 } }, async (page) => {
      await page.keyboard.press('Tab');
      await expect(page.evaluate('document.activeElement.textContent')).resolves.toBe(
        'Skip to the figures',
      );
      const curve = page.locator('.clips button:enabled').first();
      await curve.focus();
      await page.keyboard.press('Enter');
      await expect(curve.getAttribute('aria-expanded')).resolves.toBe('true');
      await page.keyboard.press('Enter');
      await expect(page.locator('.detail').count()).resolves.toBe(0);
    });
  });

  it('says what there will be, where nothing has happened yet', async () => {
    const empty = await startMonitorWorld('2026-03-15T12:20:00Z');
    const idle = await empty.start();
    try {
      const dark = { colorScheme: 'dark' as const, viewport: { width: 1440, height: 900 } };
      const check = async (page: Page) => {
        await expect(page.getByRole('heading', { level: 1 }).textContent()).resolves.toBe(
          'Nothing is known yet',
        );
        await expect(page.locator('.empty').count()).resolves.toBe(6);
      };
      expect(await visit('empty', dark, check, [idle.url])).toEqual([]);
    } finally {
      await idle.close();
      await empty.close();
    }
  });

  it('offers a retry to admins alone, by the earnings API', async () => {
    const asked: string[] = [];
    const calls: string[] = [];
    let failing = 0;
    const api = createServer((request, response) => {
      const allowed = 'authorization, idempotency-key, content-type';
      response
        .setHeader('access-control-allow-origin', '*')
        .setHeader('access-control-allow-headers', allowed);
      const { method, url, headers } = request;
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.writeHead(
          method === 'OPTIONS' ? 204 : headers.authorization === 'Bearer admin' ? 200 : 403,
        );
        const { ids } = JSON.parse(body || '{"ids":[]}') as { ids: string[] };
        if (method === 'POST')
          calls.push(
            `${url} ${headers.authorization} ${String(headers['idempotency-key']).length}`,
          );
        asked.push(...ids);
        response.end(
          JSON.stringify({
            items: ids.map((id) => ({ id, requestId: id, code: null })),
            next: null,
          }),
        );
      });
    });
    await listen(api, 0, '127.0.0.1');
    const earningsUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const withApi = await world.start({ earningsUrl });
    try {
      await world.reached(withApi);
      const check = async (page: Page) => {
        const retry = page.getByRole('button', { name: /^Retry \w+-/ });
        const use = async (token: string) => {
          await page.getByLabel('Admin token').fill(token);
          await page.getByRole('button', { name: 'Use it' }).click();
        };
        await page.getByText('Retry as an admin').click();
        await expect(retry.count()).resolves.toBe(0);
        await use('creator');
        await page.getByText('not one of an admin').waitFor();
        await use('admin');
        await retry.first().click();
        await page.getByText('requested again').waitFor();
        await page.getByRole('button', { name: /^Retry all \d+$/ }).click();
        await expect(retry.count()).resolves.toBe(0);
        await page
          .locator('.failures li', { hasNotText: 'requested again' })
          .first()
          .waitFor({ state: 'detached' });
        failing = await page.locator('.failures li').count();
      };
      const faults = await visit('retry', { viewport: { width: 1200, height: 900 } }, check, [
        withApi.url,
        earningsUrl,
      ]);
      // The refused token is the one fault that a browser reports by itself.
      expect(faults).toEqual([expect.stringContaining('403')]);
      expect(failing).toBeGreaterThan(1);
      expect(new Set(asked).size).toBe(failing);
      expect(asked).toHaveLength(failing);
      for (const call of calls) expect(call).toBe('/failed-scrapes/retry Bearer admin 36');
    } finally {
      await withApi.close();
      api.close();
    }
  });

  it('shows what happens while it is open', async () => {
    await visit('live', {}, async (page) => {
      const launched = made(
        'CampaignToppedUp',
        { campaignId: 'nova', amount: 5_000_000, by: 'brand' },
        world.clock.now(),
      );
      await world.append('campaign-nova', launched);
      await page.getByText('brand added to the budget of Nova bank.').waitFor();
      await page.getByText('of 70,000.00 USD').waitFor();
    });
  });

  it('shows a hold beside the status, and a clip that cannot be settled', async () => {
    const [now, clipId] = [world.clock.now(), 'x-held'];
    const ofClip = { clipId, platform: 'x' as const, campaignId: 'nova' };
    const url = 'https://example.com/held';
    const scrape = {
      clipId,
      platform: 'x' as const,
      requestId: derivedId('held'),
      runId: 'r',
      source: 'apify',
      metric: 'views',
      cached: false,
      costMicroUsd: 0,
    };
    await world.append(
      `clip-${clipId}`,
      made(
        'ClipSubmitted',
        { ...ofClip, videoId: 'held', url, submittedUrl: url, creatorId: 'ann' },
        now,
      ),
      made(
        'ViewsRecorded',
        { ...scrape, views: 0, observedAt: '2026-03-15T11:00:00Z' },
        now,
        derivedId('held', 1),
      ),
      made(
        'ViewsRecorded',
        { ...scrape, views: 90_000_000, observedAt: '2026-03-15T12:00:00Z' },
        now,
        derivedId('held', 2),
      ),
      made(
        'ClipHeld',
        { ...ofClip, reason: 'odd', reviewAt: '2026-03-18T00:00:00Z', by: 'r' },
        now,
      ),
    );
    const failed = made(
      'ClipSettlementFailed',
      { campaignId: 'nova', clipId: 'youtube-1', reason: 'its hold could not be recorded' },
      now,
    );
    await world.append('campaign-nova', failed);
    await world.reached(monitor);
    const faults = await visit('held', { viewport: { width: 1440, height: 900 } }, async (page) => {
      const row = page.locator('.clips tbody tr').first();
      await expect(row.locator('.chip').allTextContents()).resolves.toEqual(['pending', 'held']);
      await expect(row.textContent()).resolves.toContain('ann · Nova bank');
      await page
        .getByText(
          'The clip "youtube-1" cannot be settled in the campaign "nova": its hold could not be recorded.',
        )
        .waitFor();
      await page
        .getByText('youtube-1 could not be settled in Nova bank: its hold could not be recorded')
        .waitFor();
    });
    expect(faults).toEqual([]);
  });
});
