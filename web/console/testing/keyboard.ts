import type { Page } from 'playwright-core';

/** Where the keyboard is. */
interface Stop {
  /** Of {@link reachable}; null of something that is not among them. */
  nth: number | null;
  name: string;
  ring: boolean;
  /** Something that stays in the window lies over all of it. */
  covered: boolean;
  /** In the page; null of what stays in the window while the page moves. */
  box: { left: number; right: number; top: number; bottom: number } | null;
  area: string;
}

/** Run in the page: what one can do something with, and how one finds it again. */
const IN_PAGE = `(() => {
  if (globalThis.keyboard) return;
  const WANTED = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';
  let known = [];
  const nameOf = (e) => (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent)
    .trim().replace(/\\s+/g, ' ').slice(0, 60);
  const sayOf = (e) => e.tagName.toLowerCase() + ' "' + nameOf(e) + '"';
  const staying = (e) => {
    for (let at = e; at && at !== document.body; at = at.parentElement)
      if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return true;
    return false;
  };
  const coveredAt = (e, box) => {
    const [w, h] = [box.width / 2, box.height / 2];
    const points = [[w, h], [4, 4], [box.width - 4, 4], [4, box.height - 4], [box.width - 4, box.height - 4]];
    return points.every(([x, y]) => {
      const hit = document.elementFromPoint(box.left + x, box.top + y);
      return !hit || !(e.contains(hit) || hit.contains(e) || [...(e.labels ?? [])].some((label) => label.contains(hit)));
    });
  };
  globalThis.keyboard = {
    reachable(root) {
      known = [...root.querySelectorAll(WANTED)].filter(
        (e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }));
      return known.map(sayOf);
    },
    element: (nth) => known[nth],
    here() {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const box = e.getBoundingClientRect();
      const { outlineStyle, outlineWidth } = getComputedStyle(e);
      const nth = known.indexOf(e);
      return {
        nth: nth < 0 ? null : nth,
        name: sayOf(e),
        ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        covered: coveredAt(e, box),
        box: staying(e) ? null : {
          left: box.left + scrollX, right: box.right + scrollX, top: box.top + scrollY, bottom: box.bottom + scrollY,
        },
        area: e.closest('dialog, nav, .side, main')?.tagName ?? '',
      };
    },
  };
})()`;

const MOST_STOPS = 400;

/** What one can do something with, by name, in the order of the page. */
export async function reachable(page: Page, root = 'document'): Promise<string[]> {
  await page.evaluate(IN_PAGE);
  return page.evaluate<string[]>(`keyboard.reachable(${root})`);
}

/** Goes through the page with the Tab key, until it is left. */
async function walk(page: Page): Promise<Stop[]> {
  await page.evaluate(IN_PAGE);
  // From the top, wherever the screen has put the focus.
  await page.evaluate('keyboard.element(0).focus({ focusVisible: true })');
  const stops: Stop[] = [];
  for (let step = 0; step < MOST_STOPS; step++) {
    if (step > 0) await page.keyboard.press('Tab');
    const stop = await here(page);
    if (!stop) return stops;
    // The parts of a date are stops of one input.
    const { nth, name } = stops.at(-1) ?? {};
    if (nth !== stop.nth || name !== stop.name) stops.push(stop);
  }
  throw new Error(`The Tab key does not come to an end: ${stops.at(-1)!.name}.`);
}

/** What is wrong with going through the page by the Tab key. */
export async function faultsOfTab(page: Page): Promise<string[]> {
  const wanted = await reachable(page);
  const stops = await walk(page);
  const found = new Set(stops.map(({ nth }) => nth));
  return [
    ...wanted.filter((_, nth) => !found.has(nth)).map((name) => `cannot be reached: ${name}`),
    ...jumps(stops).map((jump) => `is out of order: ${jump}`),
    ...stops.filter(({ ring }) => !ring).map(({ name }) => `shows no focus: ${name}`),
    ...stops.filter(({ covered }) => covered).map(({ name }) => `is covered: ${name}`),
  ];
}

export const here = (page: Page): Promise<Stop | null> =>
  page.evaluate<Stop | null>('keyboard.here()');

/** Stops from which the next one lies before: above it, or to its left in the same line. */
function jumps(stops: readonly Stop[]): string[] {
  return stops.slice(1).flatMap((next, nth) => {
    const last = stops[nth]!;
    if (!last.box || !next.box || last.area !== next.area) return [];
    const [a, b] = [last.box, next.box];
    const above = b.bottom <= a.top + 1 && b.left < a.right;
    const middle = (b.top + b.bottom) / 2;
    const before = b.right <= a.left && middle > a.top && middle < a.bottom;
    return above || before ? [`from ${last.name} to ${next.name}`] : [];
  });
}
