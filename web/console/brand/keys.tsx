import { useEffect, useRef } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.js';
import { Store, useStore } from '../../ui/store.js';

export interface Key {
  /** As the browser names them; the first one is shown. */
  keys: readonly string[];
  what: string;
  act: () => void;
  /** A key that is held down does it again and again. */
  repeats?: boolean;
}

/** Who dictates to the computer, or hits keys by accident, can switch single keys off. */
const keysAreOn = new Store(true);

/** Keys of a screen, unless somebody types or a dialog is open. */
export function useKeys(keys: readonly Key[]): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target } = event;
      if (target instanceof Element && target.closest('input, textarea, select, dialog'))
        if (!(target instanceof HTMLInputElement && target.type === 'checkbox')) return;
      if (document.querySelector('dialog[open]')) return;
      const found = now.current.find((one) => one.keys.includes(event.key));
      if (!found || (!keysAreOn.get() && event.key !== '?')) return;
      event.preventDefault();
      if (!event.repeat || found.repeats) found.act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const SHOWN: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑' };

/** The keys of a screen, as the key ? shows them. */
export function KeysDialog({ keys, onClose }: { keys: readonly Key[]; onClose: () => void }) {
  const on = useStore(keysAreOn);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(({ keys: names, what }) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{SHOWN[name] ?? name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="tick">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => keysAreOn.set(event.currentTarget.checked)}
        />
        Single keys do something on this screen
      </label>
    </Dialog>
  );
}
