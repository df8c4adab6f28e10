import { millis, textOf, wholeOf } from './events.js';

/** An observation that a clip keeps. */
export interface Seen {
  views: bigint;
  observedAt: number;
  /** ViewsRecorded events that say exactly this. */
  ids: string[];
}

/** What was seen in one view field. */
export class Field {
  highWater: Seen | null = null;
  /**
   * The earliest observation that counts; the smaller count of two of one millisecond, which
   * money.md does not say.
   */
  first: { observedAt: number; views: bigint } | null = null;

  constructor(
    readonly name: string | null,
    /** What other fields had counted when this one began. */
    readonly carried = 0n,
  ) {}

  take(id: string, views: bigint, observedAt: number): void {
    const { highWater: high, first } = this;
    if (!high || views > high.views || (views === high.views && observedAt < high.observedAt))
      this.highWater = { views, observedAt, ids: [id] };
    else if (views === high.views && observedAt === high.observedAt) high.ids.push(id);
    if (
      !first ||
      observedAt < first.observedAt ||
      (observedAt === first.observedAt && views < first.views)
    )
      this.first = { observedAt, views };
  }

  /** The first observation less what was counted in other fields; below 0 nothing is left out. */
  get baseline(): bigint {
    const above = (this.first?.views ?? 0n) - this.carried;
    return above > 0n ? above : 0n;
  }
  get counted(): bigint {
    return this.highWater ? this.highWater.views - this.baseline : 0n;
  }
}

/** Everything that was seen of a clip in its window, and by view field if that has changed. */
export class Views extends Field {
  fields: Field[] = [];

  constructor() {
    super(null);
  }

  see(id: string, views: bigint, observedAt: number, metric: string): void {
    this.take(id, views, observedAt);
    const field = this.fields.find(({ name }) => name === metric) ?? this.fields[0];
    field?.take(id, views, observedAt);
  }

  /** ViewFieldChanged. Of version 1 the new field goes on with the old baseline. */
  change(data: Record<string, unknown>): void {
    if (data['baseline'] !== 'own') return;
    if (this.fields.length === 0) {
      const base = new Field(textOf(data, 'from') || null);
      [base.highWater, base.first] = [copy(this.highWater), this.first];
      this.fields.push(base);
    }
    const to = textOf(data, 'to');
    if (this.fields.some(({ name }) => name === to)) return;
    let carried = 0n;
    for (const { counted } of this.fields) if (counted > carried) carried = counted;
    this.fields.push(new Field(to, carried));
  }

  /** What an approval of a moved clip says. */
  static moved(data: Record<string, unknown>): Views {
    const views = new Views();
    into(views, data);
    for (const said of (data['fields'] ?? []) as Record<string, unknown>[]) {
      const field = new Field(textOf(said, 'field') || null, wholeOf(said['carried']) ?? 0n);
      into(field, said);
      views.fields.push(field);
    }
    return views;
  }

  /** To compare with what such an approval says. */
  get words(): Record<string, string | null> {
    const said = ({ highWater, first, name, carried }: Field) => [
      highWater && `${highWater.views} at ${highWater.observedAt}`,
      first && `${first.views} at ${first.observedAt}`,
      `${carried} carried into ${name}`,
    ];
    const [highWater, first] = said(this) as [string | null, string | null];
    const fields = this.fields.map((field) => said(field).join(', ')).join('; ');
    return { highWater, first, fields: fields || null };
  }
}

const copy = (seen: Seen | null): Seen | null => seen && { ...seen, ids: [...seen.ids] };

function into(field: Field, data: Record<string, unknown>): void {
  field.highWater = seenIn(data['highWater']);
  field.first = seenIn(data['first']);
}

function seenIn(said: unknown): Seen | null {
  if (!said) return null;
  const seen = said as Record<string, unknown>;
  return {
    views: wholeOf(seen['views']) ?? 0n,
    observedAt: millis(textOf(seen, 'observedAt')),
    ids: [textOf(seen, 'id')],
  };
}
