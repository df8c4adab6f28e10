import type { Page } from 'playwright-core';

const CONTROLS = new Set([
  'button', 'link', 'textbox', 'searchbox', 'combobox', 'listbox', 'checkbox', 'radio', 'slider', 'spinbutton',
  'switch', 'Date', 'DateTime', 'InputTime', 'img', 'image', 'DisclosureTriangle', 'dialog', 'navigation', 'table',
]); // prettier-ignore

interface Node {
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
}

/** Roles of what a reader would say without a name, as the browser's own tree has it. */
export async function nameless(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as {
    nodes: Node[];
  };
  await session.detach();
  return nodes.flatMap(({ ignored, role, name }) =>
    !ignored && role && CONTROLS.has(role.value) && !name?.value.trim() ? [role.value] : [],
  );
}

interface Outline {
  h1: string[];
  title: string;
  mains: number;
  banners: number;
  /** Of lists of links. */
  navigations: string[];
  language: string;
}

/** What a reader finds its way by. */
export const outlineOf = (page: Page): Promise<Outline> =>
  page.evaluate<Outline>(`({
    h1: [...document.querySelectorAll('h1')].map((e) => e.textContent.trim()),
    title: document.title,
    mains: document.querySelectorAll('main').length,
    banners: document.querySelectorAll('header.side').length,
    navigations: [...document.querySelectorAll('nav')].map((e) => e.getAttribute('aria-label') ?? ''),
    language: document.documentElement.lang,
  })`);

/** What moves though somebody has asked for less of it. */
export const moving = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`[...document.querySelectorAll('*')].flatMap((e) =>
    ['', '::before', '::after'].flatMap((part) => {
      const style = getComputedStyle(e, part || null);
      const still = style.animationName === 'none' && parseFloat(style.transitionDuration) === 0;
      return still ? [] : [e.tagName + '.' + e.className + part];
    })).concat(document.getAnimations().map(() => 'an animation'))`);

/** What looks the same chosen or not, or like nothing at all, in colours of the system. */
export const colourAlone = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const style = (e) => {
      const s = getComputedStyle(e);
      const back = s.backgroundColor === 'rgba(0, 0, 0, 0)' ? getComputedStyle(document.body).backgroundColor : s.backgroundColor;
      return [back, s.outlineStyle, s.borderTopWidth, s.textDecorationLine].join(' ');
    };
    const say = (e) => e.className + ' ' + e.textContent.trim().slice(0, 30);
    const chosen = [...document.querySelectorAll('[aria-pressed="true"], nav [aria-current="page"], li.current')];
    const alike = chosen.filter((e) =>
      [...e.parentElement.children].some((other) => other !== e && style(other) === style(e)));
    const ground = getComputedStyle(document.body).backgroundColor;
    const marks = [...document.querySelectorAll('.bar i, .mark i')].filter(
      (e) => e.getBoundingClientRect().width > 0 && getComputedStyle(e).backgroundColor === ground);
    return [...alike, ...marks].map(say);
  })()`);

/** Texts of which a part cannot be seen, and what reaches out of the window. */
export const lost = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth;
    const say = (e) => e.tagName + '.' + e.className + ' "' + e.textContent.trim().slice(0, 40) + '"';
    const forReaders = (e) => {
      for (let at = e; at && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).clipPath === 'inset(50%)') return true;
      return false;
    };
    const seen = [...document.querySelectorAll('body *')].filter(
      (e) => !e.closest('svg, .plot') && e.checkVisibility({ visibilityProperty: true }) && !forReaders(e));
    const scrolls = (e) => {
      for (let at = e; at && at !== document.body; at = at.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return true;
      return false;
    };
    const out = seen.filter((e) => e.getBoundingClientRect().right > width + 1 && !e.matches('.skip') && !scrolls(e));
    const cut = seen.filter((e) => {
      const style = getComputedStyle(e);
      return ['hidden', 'clip'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1
        && e.textContent.trim() !== '' && !e.title;
    });
    return [...out.map((e) => 'outside: ' + say(e)), ...cut.map((e) => 'cut: ' + say(e))].slice(0, 8);
  })()`);
