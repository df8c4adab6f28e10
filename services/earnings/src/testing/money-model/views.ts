import {
  freshViews,
  type Changed,
  type Entry,
  type Field,
  type Model,
  type Seen,
} from './state.js';

type Views = Pick<Entry, 'all' | 'fields'>;

/** In a new field counts what was counted before, and what it grows by. */
export const baselineIn = ({ first, carried }: Field): bigint =>
  first && first.views > carried ? first.views - carried : 0n;
const countedIn = (field: Field): bigint =>
  field.high === null ? 0n : field.high - baselineIn(field);

function into(field: Field, { views, at }: Seen): void {
  if (field.high === null || views > field.high) field.high = views;
  const { first } = field;
  if (!first || at < first.at || (at === first.at && views < first.views))
    field.first = { views, at };
}

function change(views: Views, { from, to }: Changed): void {
  if (views.fields.length === 0) views.fields.push({ ...views.all, name: from, carried: 0n });
  if (views.fields.some(({ name }) => name === to)) return;
  const most = views.fields.map(countedIn).reduce((a, b) => (a > b ? a : b));
  views.fields.push({ name: to, carried: most, high: null, first: null });
}

function observe(views: Views, seen: Seen): void {
  into(views.all, seen);
  const field = views.fields.find(({ name }) => name === seen.field) ?? views.fields[0];
  if (field) into(field, seen);
}

const counts = (m: Model, e: Pick<Entry, 'campaign' | 'approvedAt'>, at: number): boolean => {
  const { endedAt, terms } = m.campaigns[e.campaign]!;
  return at >= e.approvedAt && at < endedAt && at < e.approvedAt + terms.trackingMs;
};

/** Every entry of the clip learns of it. */
export function see(m: Model, item: Seen | Changed): void {
  m.log.push(item);
  for (const e of Object.values(m.entries)) {
    if (e.clip !== item.clip) continue;
    if ('to' in item) change(e, item);
    else if (e.approvedAt && counts(m, e, item.at)) observe(e, item);
  }
}

/** What a moved clip brings along: all since its approval, in the window that it has now. */
export function seenAgain(m: Model, e: Entry): Views {
  const views = freshViews();
  if (!e.approvedAt) return views;
  for (const [nth, item] of m.log.entries()) {
    if (item.clip !== e.clip) continue;
    if ('to' in item) change(views, item);
    else if (nth >= e.after && counts(m, e, item.at)) observe(views, item);
  }
  return views;
}
