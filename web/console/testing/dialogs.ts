import type { Page, Route } from 'playwright-core';
import { here, reachable } from './keyboard.js';

const REFUSAL = {
  status: 409,
  contentType: 'application/problem+json',
  body: JSON.stringify({ code: 'conflict', detail: 'Nothing is written while dialogs are tried.' }),
};

/** Of what is only tried: nothing is written. */
const refuse = (route: Route): Promise<void> =>
  route.request().method() === 'POST' && !route.request().url().endsWith('/preview')
    ? route.fulfill(REFUSAL)
    : route.fallback();

interface Tried {
  dialogs: string[];
  faults: string[];
}

/** Presses each button of a screen, one of those with equal words; tries dialogs that open. */
export async function tryDialogs(page: Page): Promise<Tried> {
  await page.route('**/*', refuse);
  const tried: Tried = { dialogs: [], faults: [] };
  const pressed = new Set<string>();
  const address = page.url();
  for (;;) {
    const found = await next(page, [...pressed]);
    if (found === null) break;
    pressed.add(found);
    await page.keyboard.press('Enter');
    await settled(page);
    if (await page.locator('dialog[open]').count()) await tryOne(page, found, tried);
    if (page.url() !== address) {
      await page.goBack();
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
  }
  await page.unroute('**/*', refuse);
  return tried;
}

/** Puts the focus on the next button that was not pressed, and says its words. */
const next = (page: Page, pressed: string[]): Promise<string | null> =>
  page.evaluate<string | null>(`(() => {
    const pressed = new Set(${JSON.stringify(pressed)});
    const words = (e) => e.textContent.trim().replace(/[\\d,.]+/g, '0');
    const button = [...document.querySelectorAll('main button')].find((e) =>
      !e.disabled && e.checkVisibility() && !e.closest('.queue-list, thead, .choice') && !pressed.has(words(e)));
    if (!button) return null;
    globalThis.opener = button;
    button.focus();
    return words(button);
  })()`);

/** What the press has brought about is there. */
const settled = (page: Page): Promise<void> =>
  page.evaluate<void>('new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)))');

async function tryOne(page: Page, opener: string, { dialogs, faults }: Tried): Promise<void> {
  const title = await page.locator('dialog[open] h2').first().textContent();
  dialogs.push(title!);
  const fault = (words: string) => faults.push(`"${title}", by "${opener}": ${words}`);
  const inside = () => page.evaluate<boolean>("document.activeElement.closest('dialog') !== null");
  if (!(await inside())) fault('does not take the focus');
  const wanted = await reachable(page, "document.querySelector('dialog[open]')");
  const seen = new Set<number | null>();
  for (let step = 0; step < wanted.length * 2 + 2; step++) {
    const stop = await here(page);
    if (stop && !(await inside())) fault(`lets the focus go to ${stop.name}`);
    if (stop && !stop.ring && step > 0) fault(`shows no focus on ${stop.name}`);
    if (stop) seen.add(stop.nth);
    await page.keyboard.press('Tab');
  }
  for (const [nth, name] of wanted.entries()) if (!seen.has(nth)) fault(`has ${name} out of reach`);
  await page.keyboard.press('Escape');
  await settled(page);
  if (await page.locator('dialog[open]').count()) return void fault('is not closed by Escape');
  const back = await page.evaluate<boolean>(
    "document.activeElement === (opener.isConnected ? opener : document.getElementById('main'))",
  );
  if (!back) fault('does not give the focus back');
}
