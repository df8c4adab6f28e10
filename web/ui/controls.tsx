import type { ButtonHTMLAttributes, ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.js';

type ButtonProps = Omit<ButtonHTMLAttributes, 'icon'> & {
  primary?: boolean;
  danger?: boolean;
  plain?: boolean;
  /** It has been pressed, and what it does is under way. */
  busy?: boolean;
  icon?: string;
};

/** While it is busy a press does nothing; a disabled button would lose the keyboard's place. */
export function Button({ primary, danger, plain, busy, icon, children, ...rest }: ButtonProps) {
  const kinds = [primary && 'primary', danger && 'danger', plain && 'text'].filter(Boolean);
  return (
    <button
      type="button"
      class={['button', ...kinds].join(' ')}
      aria-busy={busy ?? false}
      {...rest}
      aria-disabled={busy || undefined}
      {...(busy && { onClick: (event: Event) => event.preventDefault() })}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export interface InputProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | null | undefined;
  children: (props: InputProps) => JSX.Element;
}

/** A labelled input with its hint, and what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const described = [hint && hintId, error && errorId].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': Boolean(error) })}
      {hint && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
      <p class="error" id={errorId} role="alert">
        {error ?? ''}
      </p>
    </div>
  );
}

export type Kind = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

/** A sentence that somebody has to read. */
export const Notice = ({ kind, children }: { kind: Kind; children: ComponentChildren }) => (
  <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
    <Icon name={kind === 'good' ? 'check' : kind === 'info' ? 'clock' : 'warning'} />
    <div>{children}</div>
  </div>
);

/** A word for a state. */
export const Tag = ({ kind, children }: { kind: Kind; children: ComponentChildren }) => (
  <span class={`tag ${kind}`}>{children}</span>
);

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, label: string])[];
  onChange: (value: T) => void;
}

/** A few options of which one holds. */
export const Choice = <T extends string>({ label, value, options, onChange }: ChoiceProps<T>) => (
  <div class="choice" role="group" aria-label={label}>
    {options.map(([own, words]) => (
      <button key={own} type="button" aria-pressed={own === value} onClick={() => onChange(own)}>
        {words}
      </button>
    ))}
  </div>
);
