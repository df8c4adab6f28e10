import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Button, Field, Notice } from './controls.js';

/** A schema of zod, or of any library that follows the Standard Schema specification. */
interface Schema<T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Result<T> | Promise<Result<T>>;
  };
}
interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}
type Result<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** What is in the inputs: text, or a tick. */
type Values = Record<string, string | boolean>;
type Faults = Readonly<Record<string, string>>;

export interface FormApi<V extends Values> {
  values: V;
  set: <K extends keyof V>(name: K, value: V[K]) => void;
  /** What is wrong with a field that somebody has left, or tried to send. */
  fault: (name: keyof V) => string | null;
  /** What was refused as a whole. */
  refusal: string | null;
  busy: boolean;
  left: (name: keyof V) => void;
  submit: (event: Event) => void;
}

interface Plan<V extends Values, T> {
  initial: V;
  schema: Schema<T>;
  /**
   * Sends what the schema made of the inputs. `key` is the same for the same inputs, so that a
   * request whose answer was lost does its work once.
   */
  send: (value: T, key: string) => Promise<unknown>;
}

/**
 * A form whose inputs are text. Faults come from the schema while one types, and from the API by
 * its field names (`errors`); the first faulty input gets the focus.
 */
export function useForm<V extends Values, T>({ initial, schema, send }: Plan<V, T>): FormApi<V> {
  const [values, setValues] = useState(initial);
  const [touched, setTouched] = useState<ReadonlySet<keyof V>>(new Set());
  const [refused, setRefused] = useState<{ faults: Faults; refusal: string | null }>(NONE);
  const [busy, setBusy] = useState(false);
  const key = useRef('');
  const result = schema['~standard'].validate(values);
  if (result instanceof Promise) throw new Error('A form needs a schema that answers at once.');
  const faults = result.issues ? byField(result.issues) : {};

  async function submit(form: HTMLFormElement) {
    setTouched(new Set(Object.keys(initial)));
    setRefused(NONE);
    if (result instanceof Promise || result.issues) return focusFault(form, Object.keys(faults));
    setBusy(true);
    try {
      key.current ||= crypto.randomUUID();
      await send(result.value, key.current);
      key.current = '';
    } catch (error) {
      const found = refusalOf(error as Error, initial);
      setRefused(found);
      focusFault(form, Object.keys(found.faults));
    }
    setBusy(false);
  }
  return {
    values,
    set: (name, value) => {
      key.current = '';
      setValues((before) => ({ ...before, [name]: value }));
      setRefused(({ faults: before }) => ({
        faults: Object.fromEntries(Object.entries(before).filter(([own]) => own !== name)),
        refusal: null,
      }));
    },
    fault: (name) =>
      refused.faults[name as string] ??
      (touched.has(name) ? (faults[name as string] ?? null) : null),
    refusal: refused.refusal,
    busy,
    left: (name) => setTouched((before) => new Set([...before, name])),
    submit: (event) => {
      event.preventDefault();
      if (!busy) void submit(event.currentTarget as HTMLFormElement);
    },
  };
}

const NONE = { faults: {}, refusal: null };

function byField(issues: readonly Issue[]) {
  const faults: Record<string, string> = {};
  for (const { message, path: [field] = [] } of issues)
    if (typeof field === 'string') faults[field] ??= message;
  return faults;
}

/** Of a refusal: what belongs to a field of the form, and what to none. */
function refusalOf(error: Error & { errors?: unknown }, initial: Values) {
  const named = Array.isArray(error.errors)
    ? (error.errors as { field: string; message: string }[])
    : [];
  const own = named.filter(({ field }) => Object.hasOwn(initial, field));
  return {
    faults: Object.fromEntries(own.map(({ field, message }) => [field, message])),
    refusal: own.length > 0 && own.length === named.length ? null : error.message,
  };
}

function focusFault(form: HTMLFormElement, names: readonly string[]) {
  for (const element of form.elements)
    if (element instanceof HTMLElement && names.includes(element.getAttribute('name') ?? '')) {
      element.closest('details')?.setAttribute('open', '');
      return element.focus();
    }
}

interface FormProps<V extends Values> {
  of: FormApi<V>;
  /** What the button says. */
  action: string;
  /** It takes away what does not come back. */
  danger?: boolean;
  children: ComponentChildren;
  onCancel?: () => void;
}

export const Form = <V extends Values>({
  of,
  action,
  danger = false,
  children,
  onCancel,
}: FormProps<V>) => (
  <form class="stack" onSubmit={of.submit} noValidate>
    {children}
    {of.refusal && <Notice kind="bad">{of.refusal}</Notice>}
    <div class="row">
      <Button primary={!danger} danger={danger} type="submit" busy={of.busy}>
        {action}
      </Button>
      {onCancel && <Button onClick={onCancel}>Cancel</Button>}
    </div>
  </form>
);

interface FieldProps<V extends Values> {
  of: FormApi<V>;
  name: keyof V & string;
  label: string;
  hint?: ComponentChildren;
}
type InputOf = Omit<JSX.InputHTMLAttributes, 'form' | 'name' | 'value' | 'label'>;

export function TextField<V extends Values>({
  of,
  name,
  label,
  hint,
  ...rest
}: FieldProps<V> & InputOf) {
  return (
    <Field label={label} hint={hint} error={of.fault(name)}>
      {(props) => <input {...rest} {...bound(of, name)} {...props} />}
    </Field>
  );
}

export function TextArea<V extends Values>({
  of,
  name,
  label,
  hint,
  maxLength,
}: FieldProps<V> & { maxLength?: number }) {
  return (
    <Field label={label} hint={hint} error={of.fault(name)}>
      {(props) => <textarea {...(maxLength && { maxLength })} {...bound(of, name)} {...props} />}
    </Field>
  );
}

/** Something that holds or not. */
export function Tick<V extends Values>({ of, name, label, hint }: FieldProps<V>) {
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
      <p id={id} class={`tick-hint ${fault ? 'bad' : 'muted'}`}>
        {fault ?? hint}
      </p>
    </div>
  );
}

interface SelectProps<V extends Values> extends FieldProps<V> {
  options: readonly (readonly [value: string, label: string])[];
}

export function Select<V extends Values>({ of, name, label, hint, options }: SelectProps<V>) {
  return (
    <Field label={label} hint={hint} error={of.fault(name)}>
      {(props) => (
        <select {...bound(of, name)} {...props}>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const bound = <V extends Values>(of: FormApi<V>, name: keyof V & string) => ({
  name,
  value: String(of.values[name]),
  onInput: (event: JSX.TargetedEvent<Control>) =>
    of.set(name, event.currentTarget.value as V[typeof name]),
  // A fault that appears under an empty field would move the button that is being pressed.
  onBlur: () => {
    if (of.values[name] !== '') of.left(name);
  },
});
