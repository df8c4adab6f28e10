import { unguarded } from './guard.js';
import { shownInstead } from './damage.js';
import { lostText } from './lost-text.js';
import { FileFault } from './file-fault.js';
import { FORCED_TEXT, records, type FileRow, type Unreadable } from './records.js';

/** The columns of a kind of file. What is not known is refused, or left out if `more` is set. */
export interface Columns {
  /** As in "a file of campaigns". */
  what: string;
  needed: readonly string[];
  others: readonly string[];
  /** Whether a file may have columns of its own. */
  more?: boolean;
}

/** A row by the names of its columns, without its empty cells. */
export interface Row {
  line: number;
  raw: string;
  values: Readonly<Record<string, string>>;
}
export interface BrokenRow extends Row {
  reason: string;
}

export interface Sheet<C extends Columns = Columns> {
  /** Of the kinds that were asked for, the one that its header says. */
  kind: C;
  /** The names that it has, as the kind spells them. */
  columns: string[];
  rows: Row[];
  /** Rows that cannot be read; their raw text is kept. */
  broken: BrokenRow[];
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** A header is this far down at most: titles and empty rows may stand above it. */
const HEAD = 20;
const UNSEEN = /[\s\u200B\u2060\uFEFF]/;

/** A cell as a person sees it: without what cannot be seen at its ends, and without our guard. */
export function cellText(cell: string): string {
  let [from, to] = [0, cell.length];
  while (from < to && UNSEEN.test(cell[from]!)) from++;
  while (from < to && UNSEEN.test(cell[to - 1]!)) to--;
  return unguarded(cell.slice(from, to).replace(FORCED_TEXT, '$1'));
}

/** Letter case, spaces, hyphens and underscores do not make another column. */
const keyOf = (name: string): string =>
  cellText(name)
    .normalize('NFKC')
    .replace(/[\s_-]/g, '')
    .toLowerCase();

/** A text with delimiters, whichever they are. Throws a {@link FileFault}. */
export function readSheet<C extends Columns>(text: string, kinds: readonly C[]): Sheet<C> {
  const [declaration, declared] = /^"?sep=([^\r\n"])"?(?:\r\n|\r|\n|$)/i.exec(text) ?? ['', null];
  // Blanked, so that lines are counted as in the file.
  const body = declaration.replace(/[^\r\n]/g, '') + text.slice(declaration.length);
  const delimiter = declared ?? mostKnown(body, kinds);
  return sheetOf(records(body, delimiter), kinds);
}

/** The delimiter that gives a row with most known columns. */
function mostKnown(text: string, kinds: readonly Columns[]): string {
  const scores = DELIMITERS.map((delimiter) => {
    const head = records(text, delimiter).filter(hasCells).take(HEAD);
    return { delimiter, known: Math.max(0, ...head.map(({ cells }) => best(cells, kinds).known)) };
  });
  return scores.reduce((a, b) => (b.known > a.known ? b : a)).delimiter;
}

const hasCells = (row: FileRow | Unreadable): row is FileRow =>
  'cells' in row && row.cells.some((cell) => cellText(cell) !== '');

/** The kind that most of the names belong to; a kind of which none is missing comes first. */
function best<C extends Columns>(names: readonly string[], kinds: readonly C[]) {
  const keys = new Set(names.map(keyOf));
  return kinds
    .map((kind) => {
      const missing = kind.needed.filter((name) => !keys.has(keyOf(name)));
      const known = [...kind.needed, ...kind.others].filter((name) => keys.has(keyOf(name))).length;
      return { kind, missing, known, rank: known + (missing.length === 0 ? 1_000 : 0) };
    })
    .reduce((a, b) => (b.rank > a.rank ? b : a));
}

const listed = (names: readonly string[]): string =>
  names.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** Rows by the names in their header. Throws a {@link FileFault}. */
export function sheetOf<C extends Columns>(
  rows: Iterable<FileRow | Unreadable>,
  kinds: readonly C[],
): Sheet<C> {
  const all = [...rows];
  const head = all.filter(hasCells).slice(0, HEAD);
  if (head.length === 0) throw new FileFault('is empty: it has neither a header nor rows');
  const header = head.reduce((a, b) =>
    best(b.cells, kinds).rank > best(a.cells, kinds).rank ? b : a,
  );
  const { kind, missing } = best(header.cells, kinds);
  if (missing.length > 0)
    throw new FileFault(
      `has no column ${missing.join(', ')}: a file of ${kind.what} needs ${listed(kind.needed)}`,
      header.line,
    );
  const names = namesOf(header, kind);
  const sheet: Sheet<C> = {
    kind,
    columns: names.flatMap((name) => name || []),
    rows: [],
    broken: [],
  };
  for (const row of all.slice(all.indexOf(header) + 1)) {
    if ('reason' in row) sheet.broken.push({ ...row, values: {} });
    else if (hasCells(row) && !sameNames(row, header)) take(row, names, sheet);
  }
  return sheet;
}

/** Tables that were put one below the other repeat their header. */
const sameNames = ({ cells }: FileRow, header: FileRow): boolean =>
  cells.length === header.cells.length &&
  cells.every((cell, i) => keyOf(cell) === keyOf(header.cells[i]!));

/** For each cell of the header its column; '' if it has no name, null for one to leave out. */
function namesOf({ cells, line }: FileRow, kind: Columns): (string | null)[] {
  const known = new Map([...kind.needed, ...kind.others].map((name) => [keyOf(name), name]));
  const names = cells.map((cell) => {
    const name = cellText(cell);
    return name === '' ? '' : (known.get(keyOf(name)) ?? (kind.more ? null : name));
  });
  const twice = names.find((name, i) => name && names.indexOf(name) !== i);
  if (twice)
    throw new FileFault(
      `has the column "${twice}" more than once: keep the one that is right`,
      line,
    );
  const unknown = names.filter((name) => name && ![...known.values()].includes(name));
  if (unknown.length > 0)
    throw new FileFault(
      `has a column ${unknown.map((name) => `"${name}"`).join(', ')} that is not known; a file of ${kind.what} may have ${[...known.values()].join(', ')}`,
      line,
    );
  return names;
}

function take({ line, raw, cells }: FileRow, names: readonly (string | null)[], sheet: Sheet) {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  cells.forEach((cell, i) => {
    const text = cellText(cell);
    const name = i < names.length ? names[i]! : '';
    if (text === '' || name === null) return;
    const fault = shownInstead(text) ?? lostText(text) ?? lineBreak(text);
    if (name === '') faults.push(`cell ${i + 1} is below no name`);
    else values[name] = text;
    if (name !== '' && fault !== null && !REPORT_COLUMNS.includes(name))
      faults.push(`${name}: ${fault}`);
  });
  if (faults.length === 0) sheet.rows.push({ line, raw, values });
  else sheet.broken.push({ line, raw, values, reason: faults.join('; ') });
}

/** Of a file of refused rows, which is read again: what it says about a row is not of the row. */
export const REPORT_COLUMNS: readonly string[] = ['line', 'reason', 'raw'];

const lineBreak = (text: string): string | null =>
  /[\r\n]/.test(text) ? 'has a line break in it; is a quote missing?' : null;
