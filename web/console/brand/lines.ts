import { get } from '../app/api.js';
import type { Line } from './csv.js';

/** Every line of what a campaign has paid, however many there are. */
export async function everyLine(
  id: string,
  { signal, onRead }: { signal: AbortSignal; onRead: (lines: number) => void },
): Promise<Line[]> {
  const lines: Line[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { limit: 200, cursor };
    const page = await get('GET /campaigns/{id}/statement', { id, query, signal });
    lines.push(...page.lines);
    onRead(lines.length);
    if (page.next === null) return lines;
    cursor = page.next;
  }
}
