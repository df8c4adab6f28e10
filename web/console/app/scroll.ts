/** How far down each screen was, by its address: the way back leads there again. */
const depths = new Map<string, number>();
const addressNow = () => location.pathname + location.search;
let shown = addressNow();
let back = false;

export function followScrolling(): void {
  history.scrollRestoration = 'manual';
  addEventListener('scroll', () => depths.set(shown, scrollY), { passive: true });
  addEventListener('popstate', () => (back = true));
  addEventListener('click', () => (back = false), { capture: true });
}

/** A reader hears of the new screen, and the keyboard starts at its beginning. */
export function arrived(): void {
  shown = addressNow();
  const top = back ? (depths.get(shown) ?? 0) : 0;
  back = false;
  scrollTo({ top, behavior: 'instant' });
  document.getElementById('main')?.focus({ preventScroll: true });
}
