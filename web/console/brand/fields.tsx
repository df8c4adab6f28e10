import type { ComponentChildren } from 'preact';

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

/** Inputs that most do not need, behind their title. */
export const Fold = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <details>
    <summary>{title}</summary>
    {children}
  </details>
);
