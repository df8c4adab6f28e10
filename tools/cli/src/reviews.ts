import type { ClipReviewsAnswer } from '@cliptally/contracts/api';
import type { Columns, Row, Sheet } from '@cliptally/spreadsheets';
import type { Command } from 'commander';
import { Refused, type ApiClient } from './api-client.js';
import { given, type Context } from './context.js';
import { EXIT, wrongUse } from './failure.js';
import { encodingOption, SHEET } from './import/command.js';
import { readFile } from './import/read-file.js';

const DECISIONS = ['approve', 'reject', 'release'] as const;
type Decision = (typeof DECISIONS)[number];
const DONE: Record<Decision, string> = {
  approve: 'approved',
  reject: 'rejected',
  release: 'released',
};

const COLUMNS: Columns = {
  what: 'reviews',
  needed: ['clipId', 'campaignId', 'decision'],
  others: ['reason', 'state', 'creatorId', 'url', 'views', 'score', 'why'],
  more: true,
};
/** Of the file that "clip list --out" writes: what a reviewer reads beside what is filled in. */
export const REVIEW_HEADER = [
  'clipId', 'campaignId', 'decision', 'reason', 'state', 'creatorId', 'url', 'views', 'score', 'why',
]; // prettier-ignore

interface Review {
  line: number;
  clipId: string;
  campaignId: string;
  decision: Decision;
  reason?: string;
}

interface Reviewed extends Review {
  done: boolean;
  code: string | null;
  detail: string | null;
}

/** As many as the API takes at once. */
const PAGE = 200;

export function reviewCommand(clip: Command, context: Context): void {
  const { api, output } = context;
  clip
    .command('review')
    .argument('<file>', 'CSV or .xlsx with clipId, campaignId, decision, reason; - for the input')
    .description(
      'approve, reject and release many clips, each by itself; rows without a decision are left alone',
    )
    .addOption(encodingOption())
    .option(...SHEET)
    .addHelpText(
      'after',
      `
decision is approve, reject (with a reason, which its creator reads) or release. "clip list --out" writes such a file. A file with a
faulty row is refused as a whole, by its lines; a row that the rules refuse stops no other, is named, and gives the exit status ${EXIT.refused}.`,
    )
    .action(async (file: string, { encoding, sheet }, command: Command) => {
      const reviews = reviewsIn(
        await readFile(file, [COLUMNS], given({ encoding, sheet, input: context.input })),
      );
      const client = await api(command);
      const done: Reviewed[] = [];
      for (const some of inPages(reviews)) done.push(...(await sent(client, some)));
      done.sort((a, b) => a.line - b.line);
      if (output.json) output.out(JSON.stringify(done, null, 2));
      else for (const one of done) output.out(sentenceOf(one));
      const refused = done.filter((one) => !one.done).length;
      output.note(`${done.length - refused} done, ${refused} refused.`);
      if (refused > 0) context.exit(EXIT.refused);
    });
}

const sentenceOf = ({ line, clipId, campaignId, decision, done, detail }: Reviewed): string =>
  done
    ? `Line ${line}: ${clipId} is ${DONE[decision]} in ${campaignId}.`
    : `Line ${line}: ${clipId} is not ${DONE[decision]} in ${campaignId}: ${detail}`;

/** The decisions of a file. Throws if a row is faulty: what it means must not be guessed. */
function reviewsIn({ rows, broken }: Sheet): Review[] {
  const faults = broken.map(({ line, reason }) => `Line ${line}: ${reason}`);
  const seen = new Map<string, number>();
  const reviews: Review[] = [];
  for (const row of rows) {
    const read = reviewIn(row);
    if (read === null) continue;
    if (typeof read === 'string') {
      faults.push(`Line ${row.line}: ${read}`);
      continue;
    }
    const key = JSON.stringify([read.clipId, read.campaignId]);
    const earlier = seen.get(key);
    if (earlier === undefined) reviews.push(read);
    else faults.push(`Line ${row.line}: ${read.clipId} is in line ${earlier} already`);
    seen.set(key, earlier ?? row.line);
  }
  if (faults.length > 0)
    throw wrongUse(`Nothing was decided: rows of the file are faulty.\n${faults.join('\n')}`);
  return reviews;
}

/** Null for a row without a decision, a sentence for a faulty one. */
function reviewIn({ line, values }: Row): Review | string | null {
  const { clipId, campaignId, reason } = values;
  const decision = values['decision']?.toLowerCase() as Decision | undefined;
  if (decision === undefined)
    return reason === undefined ? null : 'there is a reason and no decision';
  if (!DECISIONS.includes(decision))
    return `the decision "${decision}" is none of ${DECISIONS.join(', ')}`;
  if (clipId === undefined || campaignId === undefined)
    return `${clipId === undefined ? 'clipId' : 'campaignId'} is missing`;
  if (decision === 'reject' && reason === undefined)
    return 'a rejection needs a reason, which its creator reads';
  return { line, clipId, campaignId, decision, ...given({ reason }) };
}

/** Of one campaign each: a campaign that the API refuses stops no other. */
function* inPages(reviews: readonly Review[]): Generator<Review[]> {
  for (const own of Map.groupBy(reviews, ({ campaignId }) => campaignId).values())
    for (let i = 0; i < own.length; i += PAGE) yield own.slice(i, i + PAGE);
}

/** A request that is refused as a whole is a refusal of each of its rows. */
async function sent(client: ApiClient, some: readonly Review[]): Promise<Reviewed[]> {
  try {
    const { reviews } = await client.post<ClipReviewsAnswer>('/clips/reviews', {
      reviews: some.map(({ clipId, campaignId, decision, reason }) =>
        given({ clipId, campaignId, decision, reason }),
      ),
    });
    return some.map((review, i) => ({ ...review, ...reviews[i]! }));
  } catch (error) {
    if (!(error instanceof Refused) || error.httpStatus >= 500) throw error;
    const { code, message: detail } = error;
    return some.map((review) => ({ ...review, done: false, code, detail }));
  }
}
