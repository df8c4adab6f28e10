/** A piece of a Markdown text and the line it begins on, from 1. */
export interface Piece {
  line: number;
  text: string;
}

export interface Document {
  /** What may follow a "#" in a link to this document. */
  anchors: ReadonlySet<string>;
  /** Targets of links and images, as written. */
  links: Piece[];
  /** What stands in backticks. */
  spans: Piece[];
  /** Each line of each fenced block. */
  code: Piece[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const SPAN = /(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/g;
const INLINE = /\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]^]+\]:\s+<?(\S+?)>?(?:\s+"[^"]*")?\s*$/gm;
const HTML = /<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g;

/** Reads what can be checked. It knows only as much of Markdown as that needs. */
export function readMarkdown(text: string): Document {
  const { prose, code } = withoutFences(text);
  const lineAt = linesOf(prose);
  const spans: Piece[] = [];
  // A span ends with its paragraph. What stands in it is code, so it holds no link.
  const bare = prose.split(/(\n[ \t]*\n)/).reduce<[string, number]>(
    ([done, at], paragraph) => [
      done +
        paragraph.replace(SPAN, (whole, _, inner: string, offset: number) => {
          spans.push({ line: lineAt(at + offset), text: inner.replace(/\s+/g, ' ').trim() });
          return whole.replace(/[^\n]/g, ' ');
        }),
      at + paragraph.length,
    ],
    ['', 0],
  )[0];
  const links = [INLINE, REFERENCE, HTML].flatMap((pattern) =>
    Array.from(bare.matchAll(pattern), ({ 1: target, index }) => ({
      line: lineAt(index),
      text: target!,
    })),
  );
  return { anchors: anchorsOf(prose), links, spans, code };
}

/** Fenced blocks become empty lines, so that lines keep their numbers. */
function withoutFences(text: string): { prose: string; code: Piece[] } {
  const code: Piece[] = [];
  let fence: string | null = null;
  const prose = text.split('\n').map((line, i) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence === null && mark === undefined) return line;
    if (fence === null) fence = mark!;
    else if (mark?.startsWith(fence) && line.trim() === mark) fence = null;
    else code.push({ line: i + 1, text: line });
    return '';
  });
  return { prose: prose.join('\n'), code };
}

function linesOf(text: string): (offset: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}

/** As GitHub makes them of headings: the second of a name has "-1" after it. */
function anchorsOf(prose: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of prose.matchAll(/^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/gm)) {
    const name = heading!
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    for (let n = 0; ; n++) {
      const anchor = n === 0 ? name : `${name}-${n}`;
      if (found.has(anchor)) continue;
      found.add(anchor);
      break;
    }
  }
  for (const [, id] of prose.matchAll(/<\w+\b[^>]*?\b(?:id|name)="([^"]+)"/g)) found.add(id!);
  return found;
}
