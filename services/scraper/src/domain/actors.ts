import type { Platform } from '@cliptally/contracts';
import type { Prices } from './bill.js';

/**
 * One actor of Apify's store and how its rows are read. Prices in millionths of a US dollar. Plain
 * data: a configuration may replace it.
 */
export interface Actor extends Prices {
  id: string;
  platform: Platform;
  /**
   * The field of the input that takes the clips' addresses, as texts or as `{url}`, and what stands
   * beside it.
   */
  urls: { field: string; as: 'texts' | 'objects' };
  input: Record<string, unknown>;
  /**
   * Fields that hold a view count, by preference; a clip keeps the one it began with. Here and in
   * all that follows, `a.b` is the field b of the object a.
   */
  viewFields: readonly string[];
  /** Fields that hold the other counts; the first that is usable is taken. */
  likes: readonly string[];
  comments: readonly string[];
  shares: readonly string[];
  postedAt: string;
  /**
   * Fields that hold the account's handle, or an address with it, and the number of its followers.
   */
  author: readonly string[];
  followers: readonly string[];
  /** Fields that hold the account's id, or an address with it, and the text about itself. */
  authorId: readonly string[];
  bio: readonly string[];
  /** Fields that hold what its author wrote: the caption, and a title beside it. */
  caption: readonly string[];
  /** Fields that may hold the clip's id or address. */
  names: readonly string[];
  /**
   * The smallest cap on a run's cost that the actor is started with, if it names none itself.
   */
  minimumMicroUsd: number;
  /** From which count on the platform shows it rounded, and to what; ascending. */
  rounding: readonly { from: number; to: number }[];
  /** Runs that may be started in a minute, by all replicas together. */
  perMinute: number;
  /** Fields that a configuration has named: one that never reads anything is an error. */
  configured?: readonly string[];
}

/** Every field of a row that is read. */
export const fieldsOf = (actor: Pick<Actor, FieldName>): string[] =>
  FIELD_NAMES.flatMap((name) => actor[name]);

export const FIELD_NAMES = [
  'viewFields', 'likes', 'comments', 'shares', 'postedAt', 'author', 'followers', 'authorId', 'bio', 'caption', 'names',
] as const; // prettier-ignore
export type FieldName = (typeof FIELD_NAMES)[number];

/** The input with which an actor scrapes the clips at these addresses. */
export function inputOf(
  { input, urls: { field, as } }: Actor,
  urls: readonly string[],
): Record<string, unknown> {
  return { [field]: as === 'texts' ? [...urls] : urls.map((url) => ({ url })), ...input };
}

const instagram = {
  platform: 'instagram',
  viewFields: ['videoPlayCount', 'videoViewCount'],
  likes: ['likesCount'],
  comments: ['commentsCount'],
  shares: ['sharesCount'],
  postedAt: 'timestamp',
  author: ['ownerUsername'],
  followers: [],
  authorId: ['ownerId'],
  bio: [],
  caption: ['caption'],
  names: ['shortCode', 'url', 'inputUrl'],
  minimumMicroUsd: 10_000,
  rounding: [],
  perMinute: 60,
} as const;

/**
 * Cheapest first for each platform; a source that fails as a whole falls back to the next. Prices
 * as published in November 2026.
 */
export const ACTORS: readonly Actor[] = [
  {
    id: 'clockworks/tiktok-scraper',
    platform: 'tiktok',
    urls: { field: 'postURLs', as: 'texts' },
    input: {
      resultsPerPage: 1,
      shouldDownloadVideos: false,
      shouldDownloadCovers: false,
      shouldDownloadSubtitles: false,
    },
    viewFields: ['playCount'],
    likes: ['diggCount'],
    comments: ['commentCount'],
    shares: ['shareCount'],
    postedAt: 'createTimeISO',
    author: ['authorMeta.name'],
    followers: ['authorMeta.fans'],
    authorId: ['authorMeta.id'],
    bio: ['authorMeta.signature'],
    caption: ['text'],
    names: ['id', 'webVideoUrl', 'submittedVideoUrl', 'url', 'input'],
    startMicroUsd: 1_000,
    resultMicroUsd: 3_700,
    minimumMicroUsd: 10_000,
    rounding: [
      { from: 10_000, to: 100 },
      { from: 1_000_000, to: 100_000 },
    ],
    perMinute: 60,
  },
  {
    ...instagram,
    id: 'apify/instagram-reel-scraper',
    urls: { field: 'username', as: 'texts' },
    input: { resultsLimit: 1 },
    startMicroUsd: 1_000,
    resultMicroUsd: 2_600,
  },
  {
    ...instagram,
    id: 'apify/instagram-scraper',
    urls: { field: 'directUrls', as: 'texts' },
    input: { resultsType: 'posts', resultsLimit: 1 },
    startMicroUsd: 0,
    resultMicroUsd: 2_700,
  },
  {
    id: 'streamers/youtube-scraper',
    platform: 'youtube',
    urls: { field: 'startUrls', as: 'objects' },
    input: { maxResults: 1 },
    viewFields: ['viewCount'],
    likes: ['likes'],
    comments: ['commentsCount'],
    shares: ['sharesCount'],
    postedAt: 'date',
    author: ['channelUsername', 'channelUrl'],
    followers: ['numberOfSubscribers'],
    authorId: ['channelId', 'channelUrl'],
    bio: ['channelDescription'],
    caption: ['text', 'title'],
    names: ['id', 'url', 'input'],
    startMicroUsd: 0,
    resultMicroUsd: 4_000,
    minimumMicroUsd: 10_000,
    rounding: [],
    perMinute: 60,
  },
  {
    id: 'apidojo/tweet-scraper',
    platform: 'x',
    urls: { field: 'startUrls', as: 'texts' },
    input: {},
    viewFields: ['viewCount'],
    likes: ['likeCount'],
    comments: ['replyCount'],
    shares: ['retweetCount'],
    postedAt: 'createdAt',
    author: ['author.userName'],
    followers: ['author.followers'],
    authorId: ['author.id'],
    bio: ['author.description'],
    caption: ['fullText', 'text'],
    names: ['id', 'url', 'twitterUrl'],
    // The query fee.
    startMicroUsd: 16_000,
    resultMicroUsd: 400,
    minimumMicroUsd: 10_000,
    rounding: [],
    perMinute: 60,
  },
  {
    id: 'apify/facebook-posts-scraper',
    platform: 'facebook',
    urls: { field: 'startUrls', as: 'objects' },
    input: { resultsLimit: 1 },
    viewFields: ['viewsCount'],
    likes: ['likesCount', 'likes'],
    comments: ['commentsCount', 'comments'],
    shares: ['sharesCount', 'shares'],
    postedAt: 'time',
    author: ['pageName'],
    followers: [],
    authorId: ['user.id'],
    bio: [],
    caption: ['text'],
    names: ['postId', 'url', 'topLevelUrl', 'inputUrl', 'facebookUrl', 'link'],
    startMicroUsd: 0,
    resultMicroUsd: 2_000,
    minimumMicroUsd: 10_000,
    rounding: [],
    perMinute: 60,
  },
];
