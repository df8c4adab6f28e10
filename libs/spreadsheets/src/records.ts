import { lineAt } from './decode.js';

/** A row of cells as it stands in a file. */
export interface FileRow {
  /** Where it begins, from 1. */
  line: number;
  /** Its text, to the letter. */
  raw: string;
  cells: string[];
}
/** What is no row: `line` is that of the quote that cannot be read. */
export interface Unreadable {
  line: number;
  raw: string;
  reason: string;
}

/** What Excel itself reads as text: `="007"`. */
export const FORCED_TEXT = /^\s*="([^"]*)"\s*$/;
const END = /\r\n|\r|\n/g;

/**
 * The rows of a text with delimiters (RFC 4180), whichever way its lines end. A quote that is not
 * well closed spoils only the lines up to its own: what follows is read again.
 */
export function* records(text: string, delimiter: string): Generator<FileRow | Unreadable> {
  let line = 1;
  for (let at = 0; at < text.length;) {
    const found = recordAt(text, at, delimiter);
    const raw = text.slice(at, found.end);
    if ('cells' in found) yield { line, raw, cells: found.cells };
    else yield { line: line + lineAt(raw, found.quote - at) - 1, raw, reason: found.reason };
    const next = afterLineEnd(text, found.end);
    line += lineAt(text.slice(at, next), Infinity) - 1;
    at = next;
  }
}

type Found = { end: number; cells: string[] } | { end: number; quote: number; reason: string };

function recordAt(text: string, from: number, delimiter: string): Found {
  const cells: string[] = [];
  for (let at = from; ; at++) {
    const quote = skipSpaces(text, at);
    if (text[quote] === '"') {
      const closing = closingQuote(text, quote);
      const after = skipSpaces(text, closing + 1);
      const reason =
        closing < 0
          ? `the quote that begins cell ${cells.length + 1} is never closed`
          : isEnd(text, after) || text[after] === delimiter
            ? null
            : `text follows the quote that closes cell ${cells.length + 1}: a quote inside a cell is written twice, ""`;
      if (reason !== null) return { end: lineEnd(text, quote), quote, reason };
      cells.push(text.slice(quote + 1, closing).replaceAll('""', '"'));
      at = after;
    } else {
      const begin = at;
      while (!isEnd(text, at) && text[at] !== delimiter) at++;
      const cell = text.slice(begin, at);
      if (cell.includes('"') && !FORCED_TEXT.test(cell)) {
        const reason = `a quote stands inside cell ${cells.length + 1}: put the whole cell between quotes, and write the quote twice, ""`;
        return { end: lineEnd(text, at), quote: begin + cell.indexOf('"'), reason };
      }
      cells.push(cell);
    }
    if (isEnd(text, at)) return { end: at, cells };
  }
}

function closingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function skipSpaces(text: string, at: number): number {
  while (text[at] === ' ') at++;
  return at;
}

const isEnd = (text: string, at: number): boolean =>
  at >= text.length || text[at] === '\n' || text[at] === '\r';

function lineEnd(text: string, at: number): number {
  END.lastIndex = at;
  return END.exec(text)?.index ?? text.length;
}

const afterLineEnd = (text: string, at: number): number =>
  at + (text.startsWith('\r\n', at) ? 2 : 1);
