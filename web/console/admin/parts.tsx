import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import * as z from 'zod/mini';
import { Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextArea, TextField, useForm } from '../../ui/form.js';
import { PLATFORMS, plural } from '../../ui/format.js';
import { post, type Sent } from '../app/api.js';
import { client } from '../app/data.js';
import type { Item, PostRoute } from '../app/routes.js';

/** One clip in one campaign that a person has to decide on. */
export interface CaseProps {
  clip: Item<'GET /clips'>;
  entry: Entry;
}
export type Entry = Item<'GET /clips'>['campaigns'][number];

/** The API takes as many letters of a reason. */
export const MOST_REASON = 500;
const MOST_REFERENCE = 200;

export const CreatorLink = ({ id }: { id: string }) => <a href={`/console/creators/${id}`}>{id}</a>;

export const BrandLink = ({ id }: { id: string }) => <a href={`/console/brands/${id}`}>{id}</a>;

/** A clip by its platform and video id, and its lines of money. */
export function ClipLink({ clipId }: { clipId: string }) {
  const platform = clipId.slice(0, clipId.indexOf('-'));
  const { name = platform, mark = '?' } = PLATFORMS[platform] ?? {};
  return (
    <span class="clip-ref">
      <span class="platform" aria-hidden="true">
        {mark}
      </span>
      <a class="id-link" href={`/console/statement/clip/${clipId}`}>
        {name} {clipId.slice(platform.length + 1)}
      </a>
    </span>
  );
}

interface ReasonDialogProps {
  title: string;
  label: string;
  hint?: string;
  action: string;
  /** A short line such as a reference, instead of a text. */
  short?: boolean;
  most?: number;
  initial?: string;
  children?: ComponentChildren;
  send: (words: string, key: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for one text, and sends it. */
export function ReasonDialog({
  title,
  label,
  hint,
  action,
  short = false,
  most = short ? MOST_REFERENCE : MOST_REASON,
  initial = '',
  children,
  send,
  onClose,
}: ReasonDialogProps) {
  const form = useForm({
    initial: { words: initial },
    schema: z.object({
      words: z
        .string()
        .check(
          z.trim(),
          z.minLength(1, 'Say it in a few words.'),
          z.maxLength(most, `At most ${most} letters.`),
        ),
    }),
    send: async ({ words }, key) => {
      await send(words, key);
      onClose();
    },
  });
  const more = hint === undefined ? {} : { hint };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <Form of={form} action={action} onCancel={onClose}>
        {short ? (
          <TextField of={form} name="words" label={label} {...more} autocomplete="off" />
        ) : (
          <TextArea of={form} name="words" label={label} {...more} maxLength={most} />
        )}
      </Form>
    </Dialog>
  );
}

export interface Refused {
  id: string;
  words: string;
}
interface Sending {
  id: string;
  sent: Sent;
}
type Progress = { done: number; of: number; refused: Refused[] } | null;

/**
 * Sends a request for each of several things, one after the other, and goes on over refusals. Each
 * has a key of its own, which stays while it is tried again.
 */
export function useMany<R extends PostRoute>(route: R) {
  const keys = useRef(new Map<string, string>());
  const [progress, setProgress] = useState<Progress>(null);
  const [busy, setBusy] = useState(false);
  async function run(things: readonly Sending[]): Promise<Refused[]> {
    const refused: Refused[] = [];
    setBusy(true);
    for (const [nth, { id, sent }] of things.entries()) {
      setProgress({ done: nth, of: things.length, refused: [...refused] });
      const key = keys.current.get(id) ?? crypto.randomUUID();
      keys.current.set(id, key);
      try {
        await post(route, { ...sent, key });
      } catch (error) {
        refused.push({ id, words: (error as Error).message });
      }
    }
    setProgress({ done: things.length, of: things.length, refused });
    await client.invalidateQueries();
    setBusy(false);
    return refused;
  }
  return { progress, busy, run };
}

/** How far it is, and what was refused. */
export function ManyNotice({ progress, one }: { progress: Progress; one: string }) {
  if (!progress) return null;
  const { done, of, refused } = progress;
  if (done < of)
    return (
      <Notice kind="info">
        {done} of {plural(of, one)} …
      </Notice>
    );
  const well = of - refused.length;
  return (
    <Notice kind={refused.length > 0 ? 'bad' : 'good'}>
      {plural(well, one)} done{refused.length > 0 ? `, ${refused.length} refused:` : '.'}
      {refused.length > 0 && (
        <ul>
          {refused.map(({ id, words }) => (
            <li key={id}>
              <strong>{id}</strong>: {words}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** Which rows are ticked; those that are gone count no more. */
export function useTicks<T>(rows: readonly T[], idOf: (row: T) => string) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = rows.filter((row) => ids.has(idOf(row)));
  return {
    chosen,
    has: (id: string) => ids.has(id),
    set: (id: string, on: boolean) =>
      setIds((before) => (on ? before.union(new Set([id])) : before.difference(new Set([id])))),
    all: (on: boolean) => setIds(new Set(on ? rows.map(idOf) : [])),
  };
}

interface TickProps {
  label: string;
  /** The label is for everybody, not for readers alone. */
  shown?: boolean;
  on: boolean;
  onChange: (on: boolean) => void;
}

export const Tick = ({ label, shown = false, on, onChange }: TickProps) => (
  <label class="check">
    <input
      type="checkbox"
      checked={on}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
    <span class={shown ? undefined : 'hidden'}>{label}</span>
  </label>
);
