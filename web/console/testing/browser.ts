import { expect } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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

/** Where pictures go; without it none are taken. */
const PICTURES = process.env['SCREENSHOTS'];
if (PICTURES) mkdirSync(PICTURES, { recursive: true });
/** Each screen in all forms: by default a screen has one of them, in turn. */
const EVERY = PICTURES !== undefined || process.env['EVERY_SCREEN'] === 'yes';

/** The forms of the nth screen that are tried. */
export const variantsOf = (nth: number): Variant[] => {
  const all = Object.keys(VARIANTS) as Variant[];
  return EVERY ? all : [all[nth % all.length]!];
};

export interface Visitor {
  page: Page;
  /** Shows another screen, as a link to it would, and forgets what was complained of before. */
  go: (path: string) => Promise<void>;
  /** What the browser complained of: errors, warnings, requests to other places. */
  faults: string[];
  /** All that is asked for has arrived. */
  settled: () => Promise<void>;
  /** The page as it is, from top to bottom; taken if `SCREENSHOTS` names a folder. */
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
    timezoneId = 'Asia/Kolkata',
    origins = [],
  }: Visit = {},
): Promise<Visitor> {
  const token = as && (await world.api.tokenOf(as));
  return open(browser, {
    variant,
    link: `${world.url}/console${path}${token ? `#token=${token}` : ''}`,
    timezoneId,
    origins,
    // The world's present: "3 h ago" is the same whenever the test runs.
    instant: world.api.clock.now(),
  });
}

interface Opening {
  variant: Variant;
  link: string;
  timezoneId: string;
  /** Beside its own, those that the page may ask. */
  origins: readonly string[];
  /** What the browser's clock shows; that of the machine if it is left out. */
  instant?: Date;
}

/** Opens a page of the console. */
export async function open(
  browser: Browser,
  { variant, link, timezoneId, origins, instant }: Opening,
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
  const heading = page.getByRole('heading', { level: 1 });
  await heading.waitFor();
  const settled = () => page.locator('.loading').first().waitFor({ state: 'detached' });
  const follow = (path: string) =>
    page.evaluate(`{
      const link = document.createElement('a');
      link.href = ${JSON.stringify(`/console${path}`)};
      document.body.append(link);
      link.click();
      link.remove();
    }`);
  return {
    page,
    faults,
    go: async (path) => {
      // By way of no screen: one of the same kind would keep what it shows until there is more.
      const nothing = heading.filter({ hasText: 'There is no such screen' });
      await follow('/nowhere');
      await nothing.waitFor();
      faults.length = 0;
      await follow(path);
      await nothing.waitFor({ state: 'detached' });
      await heading.waitFor();
    },
    settled,
    picture: async (name) => {
      await settled();
      if (!PICTURES) return;
      await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
      // As high as its content, so that what sticks to the window's edge is at the picture's edge.
      const { width, height: least } = VARIANTS[variant].viewport;
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      const shown = Math.min(Math.max(height, least), HIGHEST);
      await page.setViewportSize({ width, height: shown });
      await page.screenshot({
        path: join(PICTURES, `${name}-${variant}.png`),
        animations: 'disabled',
      });
      await page.setViewportSize(VARIANTS[variant].viewport);
    },
    violations: async () => {
      if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
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

/** Waits while the timers of the page run ten times as fast: pauses of seconds are soon over. */
export async function hurry(page: Page, awaited: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  void awaited.then(end, end);
  while (!over.signal.aborted) {
    await page.clock.fastForward(1_000);
    await pause(100);
  }
  await awaited;
}

/** Pages that stay open: one for each person and form, which goes from screen to screen. */
export class Pages {
  readonly #open = new Map<string, Promise<Visitor>>();
  constructor(private readonly opened: () => { browser: Browser; world: ConsoleWorld }) {}

  async at(as: [Role, string], variant: Variant, path: string): Promise<Visitor> {
    const name = `${as.join(' ')} ${variant}`;
    const { browser, world } = this.opened();
    const made = this.#open.get(name) ?? visit(browser, world, { as, variant });
    this.#open.set(name, made);
    const visitor = await made;
    await visitor.go(path);
    return visitor;
  }

  async close(): Promise<void> {
    for (const visitor of this.#open.values()) await (await visitor).close();
    this.#open.clear();
  }
}

/** Takes a picture of a screen; it is accessible, no wider than the window, and without a fault. */
export async function expectWhole(visitor: Visitor, name: string): Promise<void> {
  await visitor.picture(name);
  expect(await visitor.violations()).toEqual([]);
  expect(await tooWide(visitor.page)).toBe(false);
  expect(visitor.faults).toEqual([]);
}
