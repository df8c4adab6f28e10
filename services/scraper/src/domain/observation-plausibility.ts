import type { ImplausibleFigure } from '@cliptally/contracts';
import type { Figures } from './figures.js';

type Row = Record<string, unknown>;
type Counts = Pick<Figures, 'views'> & { [of in 'likes' | 'comments' | 'shares']?: number | undefined }; // prettier-ignore

/** What a row says that it is, if it is no clip that has been shown in full. */
export type Shown = 'live' | 'upcoming' | 'repost' | 'slideshow';

export type PlausibilityRule =
  | 'live'
  | 'upcoming'
  | 'repost'
  | 'slideshow_uncounted'
  | 'zero_with_engagement'
  | 'fell_to_zero'
  | 'engagement_beyond_views'
  | 'views_equal_likes'
  | 'beyond_any_clip';

/** Why a figure is none. */
export interface Implausible {
  rule: PlausibilityRule;
  /** The same in figures, for people. */
  detail: string;
}

/**
 * Likes, comments and shares from which "no views" is a gap. Fewer come before the first views are
 * counted, and Instagram shows 3 likes if they are hidden.
 */
const ENGAGEMENT_WITHOUT_VIEWS = 5;
/**
 * One kind of engagement may pass views by so much, and by half: it is counted sooner than views,
 * and a platform that rounds views shows the others exactly.
 */
const BEYOND = { by: 100, times: 1.5 };
/** From here on views and likes do not agree to the unit by chance: one was read for the other. */
const EQUAL_FROM = 100;
/** The most viewed clip of all platforms had 17 thousand million views in 2026. */
const BEYOND_ANY_CLIP = 50_000_000_000;
/** A second figure that comes sooner may be the same one, from somebody's cache. */
const CONFIRMED_AFTER_MS = 3_600_000;

const plain = (count: number): string => count.toLocaleString('en-US');

/** What the row says of itself, in the words of actors and official APIs. */
export function shownAs(row: Row): Shown | null {
  const status = [row['liveBroadcastContent'], row['liveStatus'], row['live_status']];
  const says = (...words: string[]) => status.some((value) => words.includes(value as string));
  const is = (...names: string[]) => names.some((name) => row[name] === true);
  if (is('isRetweet', 'isRepost') || isReposted(row)) return 'repost';
  if (is('isUpcoming', 'isUpcomingPremiere') || says('upcoming', 'is_upcoming')) return 'upcoming';
  if (is('isLive', 'isLiveNow', 'is_live', 'isLiveStreaming', 'is_live_streaming')) return 'live';
  if (says('live', 'is_live', 'active')) return 'live';
  return is('isSlideshow', 'isImagePost') ? 'slideshow' : null;
}

/** X's API names the posts that this one refers to, if it is asked. */
const isReposted = ({ referenced_tweets: posts }: Row): boolean =>
  Array.isArray(posts) && posts.some((post) => (post as Row | null)?.['type'] === 'retweeted');

/**
 * Why nobody can believe the figures of one row; null if they may be right. A figure that is wrong
 * without one of these signs is for the anomaly rules, which hold and never lose it.
 */
export function implausible(figures: Counts, shown: Shown | null): Implausible | null {
  const { views, likes = 0, comments = 0, shares = 0 } = figures;
  if (shown === 'repost')
    return { rule: 'repost', detail: 'the post repeats one of another account' };
  if (shown === 'upcoming')
    return {
      rule: 'upcoming',
      detail: 'its premiere is still to come: those who wait are no views',
    };
  if (shown === 'live')
    return { rule: 'live', detail: 'it is live: those who watch now are not all its views' };
  if (views > BEYOND_ANY_CLIP)
    return { rule: 'beyond_any_clip', detail: `${plain(views)} views, more than any clip has` };
  const engagement = likes + comments + shares;
  if (views === 0 && shown === 'slideshow')
    return { rule: 'slideshow_uncounted', detail: 'a slideshow without views: none were counted' };
  if (views === 0 && engagement >= ENGAGEMENT_WITHOUT_VIEWS)
    return {
      rule: 'zero_with_engagement',
      detail: `no views, and ${plain(engagement)} likes, comments and shares`,
    };
  for (const [name, more] of Object.entries({ comments, likes, shares }))
    if (more > views + BEYOND.by && more > views * BEYOND.times)
      return {
        rule: 'engagement_beyond_views',
        detail: `${plain(more)} ${name} of ${plain(views)} views`,
      };
  if (views >= EQUAL_FROM && views === figures.likes)
    return { rule: 'views_equal_likes', detail: `${plain(views)} views and as many likes` };
  return null;
}

/** Why a zero is none: `before` are the views of an earlier observation. */
export const implausibleZero = (views: number, before: number): Implausible | null =>
  views === 0 && before > 0
    ? { rule: 'fell_to_zero', detail: `no views, after ${plain(before)} were seen` }
    : null;

/**
 * Whether a second scrape confirms the figure of the last one: the same field says as much again or
 * more, an hour later. A gap repeats itself, so that a zero is never confirmed so; nor is the post
 * of another account, nor what no clip has. Those a person may confirm.
 */
export function confirms(
  { views, metric }: Figures,
  { rule }: Pick<Implausible, 'rule'>,
  last: ImplausibleFigure | null,
  observedAt: Date,
): boolean {
  if (!last || views === 0 || rule === 'repost' || rule === 'beyond_any_clip') return false;
  return (
    last.metric === metric &&
    views >= last.views &&
    observedAt.getTime() - Date.parse(last.observedAt) >= CONFIRMED_AFTER_MS
  );
}
