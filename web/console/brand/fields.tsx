import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { FormApi } from '../../ui/form.js';

interface GroupProps {
  title: string;
  hint?: string;
  children: ComponentChildren;
}

/** Inputs that belong together, in columns if there is room. */
export const Group = ({ title, hint, children }: GroupProps) => (
  <fieldset class="group">
    <legend>{title}</legend>
    {hint && <p class="muted">{hint}</p>}
    <div class="group-fields">{children}</div>
  </fieldset>
);

interface TickProps<V extends Record<string, string | boolean>> {
  of: FormApi<V>;
  name: keyof V & string;
  label: string;
  hint?: string;
}

export function Tick<V extends Record<string, string | boolean>>({
  of,
  name,
  label,
  hint,
}: TickProps<V>) {
  const id = useId();
  const fault = of.fault(name);
  return (
    <div>
      <label class="tick">
        <input
          type="checkbox"
          name={name}
          checked={of.values[name] === true}
          aria-invalid={fault !== null}
          aria-describedby={hint || fault ? id : undefined}
          onChange={(event) => of.set(name, event.currentTarget.checked as V[typeof name])}
        />
        {label}
      </label>
      <p id={id} class={fault ? 'bad' : 'muted'}>
        {fault ?? hint}
      </p>
    </div>
  );
}

/** Inputs that most do not need, behind their title. */
export const Fold = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <details>
    <summary>{title}</summary>
    {children}
  </details>
);
