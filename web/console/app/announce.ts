import { useEffect } from 'preact/hooks';
import { Store } from '../../ui/store.js';

/** What a screen reader says of a thing that was done; `nth` makes two equal ones differ. */
export const announced = new Store<{ words: string; nth: number }>({ words: '', nth: 0 });

export const announce = (words: string): void =>
  announced.set({ words, nth: announced.get().nth + 1 });

/**
 * A button that goes with its row takes the focus with it, and the keyboard would begin at the top
 * of the page: it stays in the content instead.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    const main = document.getElementById('main')!;
    let last: Element | null = null;
    const focused = ({ target }: FocusEvent) => (last = target as Element);
    const left = ({ relatedTarget }: FocusEvent) => {
      if (relatedTarget) last = null;
    };
    main.addEventListener('focusin', focused);
    main.addEventListener('focusout', left);
    const changes = new MutationObserver(() => {
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      last = null;
      main.focus({ preventScroll: true });
    });
    changes.observe(main, { childList: true, subtree: true });
    return () => {
      changes.disconnect();
      main.removeEventListener('focusin', focused);
      main.removeEventListener('focusout', left);
    };
  }, []);
}
