import { Command } from 'commander';
import type { ScrapeBudgetAnswer } from '@cliptally/contracts/api';
import { whole, type Context } from './context.js';
import { card, count, minute, money, printOne } from './output.js';

export function scrapeBudgetCommand({ api, output }: Context): Command {
  return new Command('scrape-budget')
    .description('what scraping has cost, what remains, and what the last runs planned')
    .option('--runs <n>', 'tracking runs to name', whole, 5)
    .action(async ({ runs }, command) =>
      printOne(
        output,
        await (await api(command)).get<ScrapeBudgetAnswer>('/scrape-budget', { limit: runs }),
        budgetCard,
      ),
    );
}

const dollars = (microUsd: number | null): string =>
  microUsd === null ? '-' : `${(microUsd / 1e6).toFixed(4)} USD`;

function budgetCard(answer: ScrapeBudgetAnswer): string {
  const { currency, cycle, today, pace, accounts, sources, runs } = answer;
  const amount = (minor: number | null) => money(minor, currency);
  const of = (part: number, whole: number | null) =>
    whole === null ? amount(part) : `${amount(part)} of ${amount(whole)}`;
  return card([
    ['cycle', `${minute(cycle.startsAt)} to ${minute(cycle.endsAt)}`],
    ['spent', of(cycle.spent, cycle.budget)],
    ['remaining', amount(cycle.remaining)],
    ['today', of(today.spent, today.allowance)],
    ['pace', `${amount(pace.perDay)} a day, ${amount(pace.atCycleEnd)} by the end`],
    ['used up', pace.expectedEnd ? minute(pace.expectedEnd) : 'not in this cycle'],
    ['a thousand paid views', dollars(answer.perThousandViewsMicroUsd)],
    ...accounts.map((one) => [`account ${one.account}`, `${of(one.used, one.limit)} (${one.state})`] as const), // prettier-ignore
    ...sources.map((one) => [`${one.source} on ${one.platform}`, `${amount(one.cycle.spent)}, ${count(one.cycle.recorded)} of ${count(one.cycle.scrapes)} scrapes`] as const), // prettier-ignore
    ...runs.map(({ runId, requested, due, estimatedMicroUsd, leftOut }) => {
      const why = leftOut?.map(({ scrapes, reason }) => `${count(scrapes)} ${reason}`).join(', ');
      return [
        `run ${runId}`,
        `${count(requested)} of ${count(due)} due, ${dollars(estimatedMicroUsd)}${why ? `; left out: ${why}` : ''}`,
      ] as const;
    }),
  ]);
}
