import { expect } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { ConsoleWorld } from './console-world.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]; // prettier-ignore
const WAIT_MS = 60_000;
/** Of a picture: the rest of a long list says nothing more. */
const HIGHEST = 1_500;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Whether there is a browser; says so if there is none, since then the tests are skipped. */
export function chromiumIsHere(): boolean {
  const here = existsSync(CHROMIUM);
  if (!here)
    console.warn(
      `The console is not tested in a browser: no Chromium at ${CHROMIUM} (CHROMIUM names another path).`,
    );
  return here;
}

export const openBrowser = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });

/** The four forms of a screen. */
export const VARIANTS = {
  wide: { viewport: { width: 1280, height: 900 } },
  'wide-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 760 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  'narrow-dark': { viewport: { width: 360, height: 760 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'dark' },
} as const satisfies Record<string, BrowserContextOptions>; // prettier-ignore
export type Variant = keyof typeof VARIANTS;

/** Where screenshots go: `SCREENSHOTS`, or a folder of their own. */
export function screenshotFolder(): string {
  const given = process.env['SCREENSHOTS'];
  if (given) mkdirSync(given, { recursive: true });
  return given ?? mkdtempSync(join(tmpdir(), 'cliptally-console-'));
}

export interface Visitor {
  page: Page;
  /** What the browser complained of: errors, warnings, requests to other places. */
  faults: string[];
  /** The page as it is, from top to bottom. */
  picture: (name: string) => Promise<void>;
  /** Rules of axe that the page breaks, with what breaks them; empty if none. */
  violations: () => Promise<string[]>;
  close: () => Promise<void>;
}

interface Visit {
  variant?: Variant;
  /** Below /console. */
  path?: string;
  /** Null: without signing in. */
  as?: [Role, string] | null;
  folder: string;
  /** A zone that is not UTC, so that both differ. */
  timezoneId?: string;
  /** Beside its own, those that the page may ask. */
  origins?: readonly string[];
}

/** Opens the console as somebody, by a sign-in link as `npm start` prints it. */
export async function visit(
  browser: Browser,
  world: ConsoleWorld,
  {
    variant = 'wide',
    path = '/',
    as = ['creator', 'ann'],
    folder,
    timezoneId = 'Asia/Kolkata',
    origins = [],
  }: Visit,
): Promise<Visitor> {
  const token = as && (await world.api.tokenOf(as));
  return open(browser, {
    variant,
    link: `${world.url}/console${path}${token ? `#token=${token}` : ''}`,
    folder,
    timezoneId,
    origins,
    // The world's present: "3 h ago" is the same whenever the test runs.
    instant: world.api.clock.now(),
  });
}

interface Opening {
  variant: Variant;
  link: string;
  folder: string;
  timezoneId: string;
  /** Beside its own, those that the page may ask. */
  origins: readonly string[];
  /** What the browser's clock shows; that of the machine if it is left out. */
  instant?: Date;
}

/** Opens a page of the console. */
export async function open(
  browser: Browser,
  { variant, link, folder, timezoneId, origins, instant }: Opening,
): Promise<Visitor> {
  const context = await browser.newContext({ ...VARIANTS[variant], timezoneId, locale: 'en-GB' });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  if (instant) await page.clock.setFixedTime(instant);
  const known = [new URL(link).origin, ...origins];
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!known.includes(new URL(request.url()).origin)) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return {
    page,
    faults,
    picture: async (name) => {
      // What is being asked for arrives first, and no bar is half way.
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
      // As high as its content, so that what sticks to the window's edge is at the picture's edge.
      const { width, height: least } = VARIANTS[variant].viewport;
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      const shown = Math.min(Math.max(height, least), HIGHEST);
      await page.setViewportSize({ width, height: shown });
      await page.screenshot({
        path: join(folder, `${name}-${variant}.png`),
        animations: 'disabled',
      });
      await page.setViewportSize(VARIANTS[variant].viewport);
    },
    violations: async () => {
      await page.evaluate(AXE);
      return page.evaluate<string[]>(
        `axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
          violations.map(({ id, help, nodes }) => id + ': ' + help + ' at ' + nodes.map((node) => node.target.join(' ')).join(', ')))`,
      );
    },
    close: () => context.close(),
  };
}

/** Whether something is wider than the window. */
export const tooWide = async (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');

/** Takes a picture of a screen; it is accessible, no wider than the window, and without a fault. */
export async function expectWhole(visitor: Visitor, name: string): Promise<void> {
  await visitor.picture(name);
  expect(await visitor.violations()).toEqual([]);
  expect(await tooWide(visitor.page)).toBe(false);
  expect(visitor.faults).toEqual([]);
}
