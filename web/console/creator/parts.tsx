import type { ComponentChildren } from 'preact';
import { Tag, type Kind } from '../../ui/controls.js';
import { PLATFORMS, number, percent } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { When } from '../../ui/when.js';
import type { Item } from '../app/routes.js';

export type Clip = Item<'GET /clips'>;
export type Entry = Clip['campaigns'][number];

interface State {
  kind: Kind;
  word: string;
  /** By when somebody decides, or it is decided by itself. */
  until: string | null;
}

/** Where a clip stands in a campaign, in one word. */
export function stateOf({ status, hold, retired, reviewAt }: Entry): State {
  if (hold) return { kind: 'warn', word: 'On hold', until: hold.reviewAt };
  if (status === 'REJECTED') return { kind: 'bad', word: 'Rejected', until: null };
  if (retired) return { kind: 'quiet', word: 'Gone', until: null };
  if (status === 'PENDING') return { kind: 'info', word: 'In review', until: reviewAt };
  return { kind: 'good', word: 'Approved', until: null };
}

export function StateTag({ entry }: { entry: Entry }) {
  const { kind, word, until } = stateOf(entry);
  return (
    <span class="state">
      <Tag kind={kind}>{word}</Tag>
      {until && (
        <small class="muted">
          until <When at={until} as="minute" />
        </small>
      )}
    </span>
  );
}

/** The platform's mark with the video's id, which is what a creator can tell it by. */
export function ClipName({ clip, children }: { clip: Clip; children?: ComponentChildren }) {
  const { name, mark } = PLATFORMS[clip.platform]!;
  return (
    <span class="clip-name">
      <span class="platform" aria-hidden="true">
        {mark}
      </span>
      <span>
        <a href={`/console/clips/${clip.clipId}`}>
          {name} <span class="video-id">{clip.clipId.slice(clip.platform.length + 1)}</span>
        </a>
        {children}
      </span>
    </span>
  );
}

const INSTANT = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** A sentence of the API, with its instants in the viewer's zone. */
export const Sentence = ({ text }: { text: string }) => (
  <>
    {text
      .split(INSTANT)
      .map((part, index) =>
        INSTANT.test(part) ? <When key={index} at={part} as="minute" /> : part,
      )}
  </>
);

type Line = Item<'GET /creators/{id}/statement'>;

/** Of a line of earnings: where its amount comes from. */
export function lineWords({ kind, fromViews, toViews, rate, currency, reason, fee }: Line): string {
  if (kind === 'reversed') return `Taken back: ${reason ?? 'a correction'}`;
  if (kind === 'fee_withheld')
    return `Platform fee of ${percent((fee?.basisPoints ?? 0) / 10_000)}`;
  const views = `Views ${number(fromViews ?? 0)} to ${number(toViews ?? 0)}`;
  return rate ? `${views} at ${money(rate, currency)} a thousand` : views;
}
