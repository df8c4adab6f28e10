import { textOf, type RawEvent } from './events.js';

export interface Skipped {
  projection: string;
  position: number;
  type: string;
}

/** What people have had projections leave out: a decision may differ because of it. */
export class SkippedEvents {
  readonly #skipped = new Map<string, Skipped>();

  take({ type, data }: RawEvent): void {
    const key = `${textOf(data, 'projection')} ${textOf(data, 'eventId')}`;
    if (type === 'EventSkipped')
      this.#skipped.set(key, {
        projection: textOf(data, 'projection'),
        position: Number(data['position']),
        type: textOf(data, 'type'),
      });
    else if (type === 'EventSkipReviewed' && data['outcome'] === 'taken_back')
      this.#skipped.delete(key);
  }

  all(): Skipped[] {
    return [...this.#skipped.values()];
  }
}
