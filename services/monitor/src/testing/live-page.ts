import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]; // prettier-ignore

export const hasChromium = existsSync(CHROMIUM);
if (!hasChromium)
  console.warn(
    `The live page is not tested in a browser: no Chromium at ${CHROMIUM} (CHROMIUM names another path).`,
  );

export const startBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

export const bundlePage = (): void =>
  void execFileSync(process.execPath, [
    fileURLToPath(new URL('../../../../web/build.mjs', import.meta.url)),
  ]);

interface Visit {
  name: string;
  screenshots: string;
  options: BrowserContextOptions;
  /** Origins that the page may ask; the first is its own. */
  allowed: readonly string[];
}

/** Opens the page, gives what went wrong on it, and leaves a screenshot. */
export async function visitPage(
  browser: Browser,
  { name, screenshots, options, allowed }: Visit,
  check: (page: Page) => Promise<void>,
): Promise<string[]> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!allowed.includes(new URL(request.url()).origin)) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(allowed[0]!);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await check(page);
  await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  await context.close();
  return faults;
}

export const widths = (page: Page) =>
  page.evaluate('[document.documentElement.scrollWidth, innerWidth]') as Promise<[number, number]>;
