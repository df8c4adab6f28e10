import type { ChaosState, Fault, FaultBody, LagSample, Verdict } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openControl, type Control } from '../../../../dev/src/chaos/control.js';
import { Refused } from '../../../../dev/src/chaos/faults.js';
import { judge } from '../../../../dev/src/chaos/judge.js';
import { WrittenLog } from '../../../../tools/ops/src/audit/testing/log.js';
import {
  chromiumIsHere,
  expectWhole,
  openBrowser,
  variantsOf,
  visit,
  type Variant,
} from '../../testing/browser.js';
import { buildPages, startConsoleWorld, type ConsoleWorld } from '../../testing/console-world.js';

const NOW = Date.parse('2026-02-01T10:00:00Z');
const ago = (seconds: number) => NOW - seconds * 1_000;

/** A cut of NATS that began so long ago, and what has waited since. */
const lagOf = (cut: number, length: number): LagSample[] =>
  Array.from({ length: 170 }, (_, nth) => {
    const at = ago(169 - nth);
    const into = (at - ago(cut)) / 1_000;
    const busy = nth % 5 === 0 ? 4 : 0;
    const height = into < 0 ? 0 : into < length ? into * 6 : Math.max(0, (length * 2 - into) * 6);
    const waiting = Math.round(height) + busy;
    return { at, waiting, head: 9_000 + nth * 7, behind: { JetStream: Math.round(height * 1.4), earnings: busy, monitor: 0 } }; // prettier-ignore
  });

const cut = (begun: number, more: Partial<Fault> = {}): Fault => ({
  id: '7b1f7f0e-9d52-4a55-8a8e-5f5b9f0c1a11',
  kind: 'nats',
  seconds: 15,
  beganAt: ago(begun),
  overAt: ago(begun - 15),
  recoveredAt: ago(begun - 23),
  struck: 'nats-server was killed, and refused all connections',
  problem: null,
  ...more,
});

/** Two scrapes that were requested, and a log of what became of them. */
async function judged(doctor: (log: WrittenLog) => void): Promise<Verdict> {
  const log = new WrittenLog();
  const clipId = 'youtube-abcdefghijk';
  for (const requestId of ['a', 'b'])
    log.add('tracking-run-r', 'ClipTrackingRequested', { requestId, clipId, runId: 'r' });
  for (const requestId of ['a', 'b'])
    log.add(`clip-${clipId}`, 'ViewsRecorded', { requestId, clipId, runId: 'r', views: 1 });
  doctor(log);
  const tables = { position: 0, campaigns: [], lines: [] };
  const found = await judge({ log: log.events, upTo: 1_000, tables, bills: [] });
  return { at: NOW, problem: null, ...found };
}

(chromiumIsHere() ? describe : describe.skip)('the page of chaos [needs chromium]', () => {
  const idle = (): ChaosState => ({
    now: NOW,
    ready: true,
    faults: [],
    lag: lagOf(-1, 1),
    awaited: null,
    verdict: null,
  });
  let state = idle();
  /** What was asked of the launcher. */
  const asked: object[] = [];
  let refusal: string | null = null;
  let control: Control;
  let world: ConsoleWorld;
  let browser: Browser;
  const served = {
    state: () => state,
    async begin(body: FaultBody) {
      asked.push(body);
      if (refusal) throw new Refused(refusal);
      const fault = cut(0, { ...body, beganAt: NOW, overAt: null, recoveredAt: null });
      state = { ...state, faults: [...state.faults, fault], verdict: null };
      return fault;
    },
    async check() {
      asked.push({ check: true });
      state = { ...state, awaited: 3 };
    },
  };
  beforeAll(async () => {
    buildPages();
    control = await openControl();
    world = await startConsoleWorld({ sampleWorld: { control: control.address, examples: [] }, pageOrigin: 'http://127.0.0.1:1' }); // prettier-ignore
    control.serve(served, [world.url]);
    browser = await openBrowser();
  });
  afterEach(() => {
    [state, refusal] = [idle(), null];
    asked.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
    await control?.close();
  });

  const open = (variant: Variant = 'wide', path = '/chaos') =>
    visit(browser, world, {
      as: ['admin', 'root'],
      path,
      variant,
      origins: [new URL(control.address).origin],
    });
  const button = (page: Page, name: string) => page.getByRole('button', { name });

  const STATES: Record<string, () => ChaosState | Promise<ChaosState>> = {
    idle,
    reading: () => ({ ...idle(), ready: false, lag: [] }),
    during: () => ({
      ...idle(),
      lag: lagOf(9, 15),
      faults: [cut(9, { overAt: null, recoveredAt: null })],
    }),
    recovering: () => ({
      ...idle(),
      lag: lagOf(19, 15),
      faults: [cut(19, { recoveredAt: null })],
      awaited: 41,
    }),
    after: async () => ({
      ...idle(),
      lag: lagOf(60, 15),
      faults: [
        cut(140, { id: 'x', kind: 'source', struck: '37 calls to the source were answered 503' }),
        cut(60),
      ],
      verdict: await judged(() => {}),
    }),
    failed: async () => ({
      ...idle(),
      lag: lagOf(60, 15),
      faults: [cut(60)],
      verdict: await judged((log) => void log.events.splice(2, 1)),
    }),
    unknown: async () => ({
      ...idle(),
      faults: [cut(60, { problem: 'Not all of it had recovered after 240 s.', recoveredAt: null })],
      verdict: {
        ...(await judged(() => {})),
        problem: 'The log could not be judged: the database does not answer.',
        checks: [],
      },
    }),
  };

  describe.each(Object.keys(STATES).map((name, nth) => ({ name, tried: variantsOf(nth) })))('$name', ({ name, tried }) => {
    it.each(tried)('is whole and accessible, %s', async (variant) => {
      state = await STATES[name]!();
      const visitor = await open(variant);
      await visitor.page.getByRole('heading', { name: 'What waits, and who is behind' }).waitFor();
      await expectWhole(visitor, `admin-chaos-${name}`);
      await visitor.close();
    });
  }); // prettier-ignore

  it.each<[string, (log: WrittenLog) => void]>([
    ['0 lost, 0 twice', () => {}],
    ['1 lost, 0 twice', (log) => void log.events.splice(2, 1)],
    ['0 lost, 1 twice', (log) => void log.events.push({ ...log.events.at(-1)!, position: 5, revision: 2, id: 'other' })],
  ])('shows "%s" as it is computed from the log', async (words, doctor) => {
    state = { ...idle(), faults: [cut(60)], verdict: await judged(doctor) };
    const { page, close } = await open();
    await page.getByText(words, { exact: true }).waitFor();
    expect(await page.locator('.chaos-verdict .good').count()).toBe(words.startsWith('0 lost, 0') ? 1 : 0); // prettier-ignore
    await close();
  }); // prettier-ignore

  it('a button is pressed once, for the time that was chosen, and cannot be pressed again meanwhile', async () => {
    const { page, close } = await open();
    await button(page, '30 s').click();
    await button(page, 'Cut NATS').dblclick();
    await page.getByText(/Under way, for \d+ seconds more/).waitFor();
    expect(asked).toMatchObject([{ kind: 'nats', seconds: 30 }]);
    expect(await button(page, 'Cut NATS').isDisabled()).toBe(true);
    expect(await button(page, 'Check the log now').isDisabled()).toBe(true);
    // Another kind may be disturbed at the same time.
    await button(page, 'Kill the scraper').click();
    await until('the second fault', () => asked.length === 2);
    await close();
  });

  it('a refusal is said in the words of the launcher', async () => {
    refusal = 'This is under way already, for 7 s more. Wait for its end.';
    const { page, close } = await open();
    await button(page, 'Make the source fail').click();
    await page.getByText(refusal).waitFor();
    await close();
  });

  it('the log is checked on demand', async () => {
    const { page, close } = await open();
    await button(page, 'Check the log now').click();
    await page.getByText('What was requested before has to end').waitFor();
    expect(asked).toEqual([{ check: true }]);
    await close();
  });

  it('offline it says that faults end by themselves, sends nothing, and goes on by itself', async () => {
    const { page, close } = await open();
    await button(page, 'Cut NATS').waitFor();
    await page.context().setOffline(true);
    await page.getByText('What is disturbed ends by itself, also if this page is closed.').waitFor(); // prettier-ignore
    expect(await button(page, 'Cut NATS').isDisabled()).toBe(true);
    await page.context().setOffline(false);
    await until('the button', async () => !(await button(page, 'Cut NATS').isDisabled()));
    expect(asked).toEqual([]);
    await close();
  });

  it('an admin finds the live page', async () => {
    const { page, close } = await open('wide', '/scrapes');
    const link = page.getByRole('link', { name: 'the live page' }).first();
    expect(await link.getAttribute('href')).toBe('http://127.0.0.1:1');
    await close();
  });

  it('nobody else has the screen, nor its address', async () => {
    for (const as of [['brand', 'acme'], ['creator', 'ann']] as const) {
      const token = await world.api.tokenOf([...as]);
      const headers = { authorization: `Bearer ${token}` };
      const config = await (await fetch(`${world.url}/console/config.json`, { headers })).json();
      expect(config).toMatchObject({ sampleWorld: null, livePage: null });
      const visitor = await visit(browser, world, { as: [...as], path: '/chaos' });
      await visitor.page.getByText('There is no such screen').waitFor();
      expect(await visitor.page.getByRole('link', { name: 'Chaos' }).count()).toBe(0);
      await visitor.close();
    }
  }); // prettier-ignore
});

(chromiumIsHere() ? describe : describe.skip)('elsewhere than in a sample world [needs chromium]', () => {
  it('there is no such screen, also for an admin', async () => {
    const world = await startConsoleWorld();
    const browser = await openBrowser();
    try {
      const visitor = await visit(browser, world, { as: ['admin', 'root'], path: '/chaos' });
      await visitor.page.getByText('There is no such screen').waitFor();
      expect(await visitor.page.getByRole('link', { name: 'Chaos' }).count()).toBe(0);
      await visitor.page.goto(`${world.url}/console/scrapes#token=${await world.api.tokenOf(['admin', 'root'])}`);
      await visitor.page.getByRole('heading', { name: 'Scrape budget' }).waitFor();
      expect(await visitor.page.getByRole('link', { name: 'the live page' }).count()).toBe(0);
    } finally {
      await browser.close();
      await world.close();
    }
  });
}); // prettier-ignore
