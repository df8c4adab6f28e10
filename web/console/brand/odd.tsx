import { number, percent } from '../../ui/format.js';
import { Tag } from '../../ui/controls.js';
import { When } from '../../ui/when.js';
import type { ShownClip } from './parts.js';

type Anomaly = Pick<NonNullable<ShownClip['anomaly']>, 'score' | 'reasons'>;
type Reason = Anomaly['reasons'][number];

const share = (value: number | string): string => percent(Number(value));

/** What a rule has found, with the figures that it compared. */
const WORDS: Record<string, (reason: Reason) => string> = {
  views_tenfold: ({ observed, threshold }) =>
    `Views grew ${Number(observed).toFixed(1)}-fold within hours (odd from ${threshold}-fold on).`,
  low_engagement: ({ observed, threshold, usual }) =>
    `Likes and comments are ${share(observed)} of the views (odd under ${share(threshold)}${
      usual === undefined ? '' : `; usual there: ${share(usual)}`
    }).`,
  engagement_stands_still: ({ observed, threshold }) =>
    `Views grew by ${share(observed)} within a day, while likes and comments did not (odd from ${share(threshold)} on).`,
  step_shaped: ({ observed, threshold }) =>
    `Views grew in ${observed} steps instead of a curve (odd from ${threshold} on).`,
  dropped_twice: ({ observed, threshold }) =>
    `Views fell twice in a row, by ${share(observed)} (odd if each is over ${share(threshold)}).`,
  dropped_far: ({ observed, threshold }) =>
    `Views fell by ${share(observed)} (odd over ${share(threshold)}).`,
  far_above_followers: ({ observed, threshold }) =>
    `${observed} views for each follower (odd over ${threshold}).`,
  submission_burst: ({ observed, threshold }) =>
    `${observed} submissions of the creator within an hour (odd over ${threshold}).`,
};

const sentence = (reason: Reason): string =>
  WORDS[reason.rule]?.(reason) ??
  `${reason.rule.replaceAll('_', ' ')}: ${reason.observed} (odd from ${reason.threshold}).`;

const kindOfScore = (score: number) => (score >= 60 ? 'bad' : score >= 20 ? 'warn' : 'good');

export const Score = ({ score }: { score: number }) => (
  <Tag kind={kindOfScore(score)}>{number(score)} of 100 odd</Tag>
);

/** Why a clip looks odd, each reason with its points and the time it speaks of. */
export function Odd({ anomaly }: { anomaly: Anomaly }) {
  const { score, reasons } = anomaly;
  if (reasons.length === 0)
    return <p class="muted">The rules find nothing odd in what was counted so far.</p>;
  return (
    <div class="odd">
      <p>
        <Score score={score} />
      </p>
      <ul>
        {reasons.map((reason) => (
          <li key={reason.rule}>
            <span>{sentence(reason)}</span>
            <small class="muted">
              {number(reason.points)} points, <When at={reason.window.from} as="minute" /> to{' '}
              <When at={reason.window.to} as="minute" />
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}
