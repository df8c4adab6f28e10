import type { Page } from 'playwright-core';

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
