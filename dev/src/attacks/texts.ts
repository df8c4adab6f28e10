import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { firstOf, type Attack } from './attack.js';
import { earner } from './earner.js';
import type { Target } from './target.js';

const CLI = fileURLToPath(new URL('../../../tools/cli/dist/main.js', import.meta.url));
const ESC = '\u001b';
/** Text that is something else to a program that takes it for code. */
const ODD = [
  `${ESC}]0;owned\u0007${ESC}[2J${ESC}[31mred`, '\u009b2J', '<script>alert(1)</script>', `'; drop table events; --`, '{{7*7}}', '${jndi:ldap://x}',
  '=cmd|\'/c calc\'!A1', '+1+1', '@SUM(A1)', '\t=1+1', '\r=1+1', '\u202egnp.exe', '../../etc/passwd', '%00', '%0d%0aset-cookie: x=1', 'a\r\nx: y', 'a\u0000b', '\ud800', 'x'.repeat(199),
]; // prettier-ignore

/** Whether a header, a page or a line would be broken. */
const breaks = (text: string): boolean => /[^\P{Cc}\n\t\u007f-\u009f]/u.test(text);
/** Whether a control sign would reach a terminal. */
const reaches = (text: string): boolean => /[^\P{Cc}\n\t]/u.test(text);

export const TEXTS: Attack[] = [
  {
    who: 'brand',
    promise: 'inert-text',
    name: 'writes escapes, markup, SQL, line breaks and half characters into every text',
    async try(target) {
      const campaignId = await target.launch('acme');
      const made = async (text: string): Promise<string | null> => {
        const asked = [
          ['/campaigns', { brandId: 'acme', name: text, currency: 'USD', budget: 1, ratePerThousand: { default: 1 }, startsAt: '2026-01-01T00:00:00Z' }],
          [`/campaigns/${campaignId}/visibility`, { publicCatalogue: text }],
          ['/creators/ann/payout-account', { provider: 'manual', account: text }],
          ['/brands/acme/funding', { currency: 'USD', amount: 1, reference: text }],
          ['/clips', { url: text, campaignId, creatorId: 'ann' }],
          ['/payouts', { creatorId: text, currency: text, amount: 1 }],
        ] as const;
        return firstOf(asked, async ([path, body]) => {
          const { status, text: answer } = await target.ask(path, { body });
          if (status >= 500) return `${path} has answered ${JSON.stringify(text)} with ${status}`;
          // JSON escapes control signs; a raw one would be that of a header or a page.
          return breaks(answer) ? `the answer of ${path} has a raw control sign` : null;
        });
      };
      const what = await firstOf(ODD, made);
      if (what) return what;
      const logged = [target.earnings, target.monitor].map(({ process }) => process.output).join('');
      if (reaches(logged.replaceAll('\n', ''))) return 'a log line has a raw control sign';
      const found = await target.ask("/campaigns/c'%20or%201=1");
      return found.status === 404 || found.status === 400 ? null : `an id of SQL was answered with ${found.status}`;
    },
  },
  {
    who: 'brand',
    promise: 'inert-text',
    name: 'has the command line print a name with escapes',
    async try(target) {
      await target.launch('acme', { name: `${ESC}[2J${ESC}]0;owned\u0007 name` });
      const text = printed(target, 'campaign', 'list');
      if (!text.includes('name')) return `the list was not printed: ${text.slice(0, 120)}`;
      return reaches(text.replaceAll('\n', '')) ? 'the terminal gets them raw' : null;
    },
  },
  {
    who: 'creator',
    promise: 'inert-text',
    name: 'has a spreadsheet run the account that its payouts go to',
    async try(target) {
      const { creatorId } = await earner(target);
      const account = (text: string) => target.ask(`/creators/${creatorId}/payout-account`, { body: { provider: 'manual', account: text } });
      const formulas = FORMULAS.flatMap((formula) => ['', ' ', '"', "'", '\u00a0', 'x;', 'x|', 'x\t', 'x";"', 'IBAN;;'].map((before) => before + formula));
      // Each payout goes to the account of when it was asked for.
      for (const [nth, text] of formulas.entries()) {
        const { status } = await account(text);
        if (status >= 400 && status < 500) continue;
        const asked = await target.ask('/payouts', { body: { payoutId: `csv-${creatorId}-${nth}`, creatorId, currency: 'USD', amount: 1 } });
        if (asked.status >= 300) return `a payout was refused: ${asked.text}`;
        await target.ask(`/payouts/csv-${creatorId}-${nth}/approve`, { body: {} });
      }
      const { text } = await target.ask('/payouts/transfers.csv');
      if (text.split('\n').length < 20) return `the list of transfers has no rows: ${text.slice(0, 200)}`;
      return firstOf([',', ';', '\t', '|'], async (separator) => {
        const cell = cellsOf(text, separator).find((one) => /^\s*"?\s*[=+\-@＝＋－＠]/.test(one) && !/^\s*-?\d+([.,]\d+)?$/.test(one));
        return cell === undefined ? null : `split at ${JSON.stringify(separator)}, a cell begins a formula: ${JSON.stringify(cell.slice(0, 60))}`;
      });
    },
  },
]; // prettier-ignore

const FORMULAS = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '＝1+1',
  "=cmd|'/c calc'!A1",
  '=HYPERLINK("http://x","y")',
];

/** As a spreadsheet of another country reads a file: at its own separator, with quotes. */
function cellsOf(text: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quoted && sign === '"' && text[at + 1] === '"') cell += text[++at];
    else if (sign === '"' && (quoted || cell === '')) quoted = !quoted;
    else if (!quoted && (sign === separator || sign === '\n' || sign === '\r')) {
      cells.push(cell);
      cell = '';
    } else cell += sign;
  }
  return [...cells, cell];
}

function printed({ earnings, tokenOf }: Target, ...words: string[]): string {
  const token = tokenOf('admin', 'root');
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, ...words, '--api', earnings.url, '--token', token], { encoding: 'utf8', timeout: 60_000 });
  return stdout + stderr;
} // prettier-ignore
