import type { Platform } from '@cliptally/contracts';

/** One actor of Apify's store and how its rows are read. Prices in millionths of a US dollar. */
export interface Actor {
  id: string;
  platform: Platform;
  /** The actor's input for a list of clip addresses. */
  input(urls: readonly string[]): Record<string, unknown>;
  /** Fields that hold a view count, by preference; a clip keeps the one it began with. */
  viewFields: readonly string[];
  likes: string;
  comments: string;
  shares: string;
  postedAt: string;
  /** Fields that may hold the clip's id or address. */
  names: readonly string[];
  startMicroUsd: number;
  resultMicroUsd: number;
}

const objects = (urls: readonly string[]) => urls.map((url) => ({ url }));

/** Cheapest first for each platform; a source that fails as a whole falls back to the next. Prices as published in November 2026. */
export const ACTORS: readonly Actor[] = [
  {
    id: 'clockworks/tiktok-scraper',
    platform: 'tiktok',
    input: (urls) => ({
      postURLs: urls,
      resultsPerPage: 1,
      shouldDownloadVideos: false,
      shouldDownloadCovers: false,
      shouldDownloadSubtitles: false,
    }),
    viewFields: ['playCount'],
    likes: 'diggCount',
    comments: 'commentCount',
    shares: 'shareCount',
    postedAt: 'createTimeISO',
    names: ['id', 'webVideoUrl', 'submittedVideoUrl', 'url', 'input'],
    startMicroUsd: 1_000,
    resultMicroUsd: 3_700,
  },
  {
    id: 'apify/instagram-reel-scraper',
    platform: 'instagram',
    input: (urls) => ({ username: urls, resultsLimit: 1 }),
    viewFields: ['videoPlayCount', 'videoViewCount'],
    likes: 'likesCount',
    comments: 'commentsCount',
    shares: 'sharesCount',
    postedAt: 'timestamp',
    names: ['shortCode', 'url', 'inputUrl'],
    startMicroUsd: 1_000,
    resultMicroUsd: 2_600,
  },
  {
    id: 'apify/instagram-scraper',
    platform: 'instagram',
    input: (urls) => ({ directUrls: urls, resultsType: 'posts', resultsLimit: 1 }),
    viewFields: ['videoPlayCount', 'videoViewCount'],
    likes: 'likesCount',
    comments: 'commentsCount',
    shares: 'sharesCount',
    postedAt: 'timestamp',
    names: ['shortCode', 'url', 'inputUrl'],
    startMicroUsd: 0,
    resultMicroUsd: 2_700,
  },
  {
    id: 'streamers/youtube-scraper',
    platform: 'youtube',
    input: (urls) => ({ startUrls: objects(urls), maxResults: 1 }),
    viewFields: ['viewCount'],
    likes: 'likes',
    comments: 'commentsCount',
    shares: 'sharesCount',
    postedAt: 'date',
    names: ['id', 'url', 'input'],
    startMicroUsd: 0,
    resultMicroUsd: 4_000,
  },
  {
    id: 'apidojo/tweet-scraper',
    platform: 'x',
    input: (urls) => ({ startUrls: urls }),
    viewFields: ['viewCount'],
    likes: 'likeCount',
    comments: 'replyCount',
    shares: 'retweetCount',
    postedAt: 'createdAt',
    names: ['id', 'url', 'twitterUrl'],
    startMicroUsd: 16_000,
    resultMicroUsd: 400,
  },
  {
    id: 'apify/facebook-posts-scraper',
    platform: 'facebook',
    input: (urls) => ({ startUrls: objects(urls), resultsLimit: 1 }),
    viewFields: ['viewsCount'],
    likes: 'likes',
    comments: 'comments',
    shares: 'shares',
    postedAt: 'time',
    names: ['postId', 'url', 'topLevelUrl', 'inputUrl', 'facebookUrl'],
    startMicroUsd: 0,
    resultMicroUsd: 2_000,
  },
];
