import type { ComponentChildren } from 'preact';
import { Button } from './controls.js';

/** Where something will be, while it is not there yet: the size of a few lines. */
export const Loading = ({ lines = 4 }: { lines?: number }) => (
  <div class="loading" role="status">
    <span class="hidden">Loading…</span>
    {Array.from({ length: lines }, (_, line) => (
      <i key={line} aria-hidden="true" />
    ))}
  </div>
);

interface BlankProps {
  title: string;
  children?: ComponentChildren;
}

/** Nothing is here: says what will be, and how it comes about. */
export const Blank = ({ title, children }: BlankProps) => (
  <div class="blank">
    <h2>{title}</h2>
    {children && <div>{children}</div>}
  </div>
);

interface Known<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface LoadedProps<T> {
  of: Known<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}

/**
 * What was asked for; until then a placeholder, and if it was refused the sentence that says why.
 * An answer that is there stays, whatever comes of asking again.
 */
export function Loaded<T>({ of: { data, error, refetch }, lines, children }: LoadedProps<T>) {
  if (data !== undefined) return <>{children(data)}</>;
  if (!error) return <Loading {...(lines && { lines })} />;
  return (
    <Blank title="This could not be read">
      <p>{error.message}</p>
      <Button onClick={() => void refetch()}>Try again</Button>
    </Blank>
  );
}
