export interface Quantile {
  seconds: number;
  /** It is more than that, and nobody knows how much. */
  above: boolean;
}

/**
 * The duration that a share of all batches did not exceed, as Prometheus estimates it: evenly
 * spread in a bucket. The last of `counts` is for what exceeds all `bounds`. Null without batches.
 */
export function quantile(
  share: number,
  bounds: readonly number[],
  counts: readonly number[],
): Quantile | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    const upper = bounds[i];
    if (upper === undefined) break;
    if (below + count >= share * all) {
      const lower = bounds[i - 1] ?? 0;
      const seconds = lower + (upper - lower) * ((share * all - below) / count);
      return { seconds, above: false };
    }
    below += count;
  }
  return { seconds: bounds.at(-1)!, above: true };
}
