import { shortened } from '@cliptally/contracts';
import type { Figures } from './figures.js';
import type { Implausible } from './observation-plausibility.js';

/**
 * What one row of a source says of its clip; `rounded` is a count that the platform does not show
 * exactly.
 */
export type RowClass =
  | 'ok'
  | 'rounded'
  | 'not_found'
  | 'private'
  | 'restricted'
  | 'blocked'
  | 'no_view_field'
  | 'implausible';
type Uncounted = Exclude<RowClass, 'ok' | 'rounded' | 'implausible'>;

export type RowReading =
  | { class: 'ok' | 'rounded'; figures: Figures }
  | { class: 'implausible'; figures: Figures; why: Implausible }
  | { class: Uncounted; detail: string };

/**
 * Words of the actors' own vocabularies for why a row has no count. `no_items` and `noResults` are
 * also what a block looks like, and `restricted_page` comes back: neither says that the clip is
 * gone.
 */
const ERROR_CLASSES: Record<string, Uncounted> = {
  NOT_FOUND: 'not_found',
  not_found: 'not_found',
  PRIVATE_POST: 'private',
  private: 'private',
  restricted_page: 'restricted',
  no_items: 'blocked',
  no_results: 'blocked',
};

/** What a row says that has an error in place of figures. */
export function errorReading(row: Record<string, unknown>): RowReading {
  if (row['noResults'] === true) return { class: 'blocked', detail: 'noResults' };
  const error = row['errorCode'] ?? row['error'];
  const word = shortened(typeof error === 'string' ? error : JSON.stringify(error), 200);
  const known = Object.hasOwn(ERROR_CLASSES, word) ? ERROR_CLASSES[word] : undefined;
  return { class: known ?? 'blocked', detail: word };
}
