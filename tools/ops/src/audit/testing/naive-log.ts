import * as fc from 'fast-check';
import { WrittenLog, type WrittenLine } from './log.js';

/** A step of a history: a clip is seen, or a campaign settles what it knew so many events ago. */
type Step = { clip: number; views: number } | { settle: number; lag: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ clip: fc.nat(5), views: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ settle: fc.nat(1), lag: fc.nat(6) }) },
);

/**
 * Two campaigns of the simplest terms with three clips each; what is due is the largest count by
 * the rate, less what was given.
 */
export const naiveLog: fc.Arbitrary<WrittenLog> = fc.array(step, { maxLength: 40 }).map((steps) => {
  const log = new WrittenLog();
  const budgets = [10_000_000, 3_000];
  log.on(2);
  budgets.forEach((budget, nth) =>
    log.launch(`n${nth}`, { budget, ratePerThousand: { default: 100 } }),
  );
  for (let clip = 0; clip < 6; clip++)
    log.minutes(1).clip(`n${clip % 2}`, `clip${clip}`, `creator${clip % 3}`);
  const seen: { clip: number; views: number; position: number }[] = [];
  const given = new Map<number, number>();
  const last = [0, 0];
  for (const one of steps) {
    log.minutes(7);
    if ('clip' in one) {
      log.seen(`clip${one.clip}`, one.views);
      seen.push({ ...one, position: log.head });
      continue;
    }
    const decidedAt = Math.max(log.head - one.lag, last[one.settle]!, 14);
    const spent = [...given].reduce(
      (sum, [clip, amount]) => sum + (clip % 2 === one.settle ? amount : 0),
      0,
    );
    const dues: {
      clip: number;
      views: number;
      had: number;
      due: number;
      share: number;
      rest: number;
    }[] = [];
    for (let clip = one.settle; clip < 6; clip += 2) {
      const views = Math.max(
        0,
        ...seen.filter((s) => s.clip === clip && s.position <= decidedAt).map((s) => s.views),
      );
      const had = given.get(clip) ?? 0;
      const due = Math.floor(views / 10) - had;
      if (due > 0) dues.push({ clip, views, had, due, share: due, rest: 0 });
    }
    const sum = dues.reduce((all, { due }) => all + due, 0);
    const remaining = budgets[one.settle]! - spent;
    if (sum > remaining) {
      for (const one of dues) {
        one.share = Math.floor((one.due * remaining) / sum);
        one.rest = (one.due * remaining) % sum;
      }
      // Clips were approved in the order of their numbers.
      dues.sort((a, b) => b.rest - a.rest || a.clip - b.clip);
      const left = remaining - dues.reduce((all, { share }) => all + share, 0);
      for (const one of dues.slice(0, left)) one.share++;
    }
    const paid = dues.filter(({ share }) => share > 0);
    if (paid.length === 0) continue;
    const total = paid.reduce((all, { share }) => all + share, 0);
    const lines = paid.map(({ clip, views, had, due, share }): WrittenLine => [
      `clip${clip}`,
      due,
      share,
      [views, 0, had + due, 0, had],
    ]);
    const exhausted =
      total === remaining
        ? { exhausted: { budget: budgets[one.settle]!, unpaid: sum - total } }
        : {};
    log.settle(`n${one.settle}`, lines, { decidedAt, ...exhausted });
    for (const { clip, share } of paid) given.set(clip, (given.get(clip) ?? 0) + share);
    last[one.settle] = log.head;
  }
  return log;
});
