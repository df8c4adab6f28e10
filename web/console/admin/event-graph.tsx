import { number } from '../../ui/format.js';
import type { Relative } from './event-family.js';

const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [190, 44, 46, 12];
/** More are in the list below it alone. */
const MOST = 60;

/** Events as boxes, each to the right of its cause. Each is a link; the list says the same. */
export function Graph({ family }: { family: readonly Relative[] }) {
  const shown = nearest(family);
  const rows = new Map<number, number>();
  const placed = new Map(
    shown.map((relative) => {
      const row = rows.get(relative.depth) ?? 0;
      rows.set(relative.depth, row + 1);
      const x = relative.depth * (WIDTH + GAP_X) + 2;
      return [relative.node.id, { ...relative, x, y: row * (HEIGHT + GAP_Y) + 2 }] as const;
    }),
  );
  if (placed.size < 2) return null;
  const width = (Math.max(...rows.keys()) + 1) * (WIDTH + GAP_X) - GAP_X + 4;
  const height = Math.max(...rows.values()) * (HEIGHT + GAP_Y) - GAP_Y + 4;
  return (
    <div class="graph" tabIndex={0} role="group" aria-label="Graph of causes and consequences">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {[...placed.values()].map(({ node, x, y, parent }) => {
          const from = parent === null ? undefined : placed.get(parent);
          if (!from) return null;
          const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
          const [x2, y2] = [x, y + HEIGHT / 2];
          const half = (x1 + x2) / 2;
          return (
            <path
              key={node.id}
              class="edge"
              d={`M${x1},${y1}C${half},${y1} ${half},${y2} ${x2},${y2}`}
            />
          );
        })}
        {[...placed.values()].map(({ node, x, y, role }) => (
          <a
            key={node.id}
            href={`/console/events/${node.position}`}
            aria-label={`${node.type} at position ${node.position}`}
            class={`node ${role}`}
          >
            <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx="9" />
            <text x={x + 11} y={y + 18}>
              {node.type}
            </text>
            <text class="small" x={x + 11} y={y + 34}>
              {number(node.position)} · {short(node.stream)}
            </text>
          </a>
        ))}
      </svg>
    </div>
  );
}

/** The event in question with its causes and consequences before any others. */
function nearest(family: readonly Relative[]): Relative[] {
  const rank = { self: 0, cause: 1, consequence: 2, related: 3 };
  return family
    .toSorted((a, b) => rank[a.role] - rank[b.role])
    .slice(0, MOST)
    .toSorted((a, b) => a.node.position - b.node.position);
}

const short = (stream: string): string => (stream.length > 22 ? `${stream.slice(0, 21)}…` : stream);
