import type { Platform } from '@cliptally/contracts';
import { apifyId, digitsId, draws, normal } from './chance.js';
import type { VideoCounts } from './curves.js';

/** Of one actor, in millionths of a US dollar. */
export interface Price {
  startMicroUsd: number;
  /** For each item of the dataset, error items included. */
  resultMicroUsd: number;
  /** Smallest `maxTotalChargeUsd` that a run is started with. */
  minimumMicroUsd: number;
}

export interface Actor {
  id: string;
  name: string;
  platform: Platform;
  /** The field of the input that lists the videos, as addresses or as `{url}`. */
  field: string;
  lists: 'urls' | 'objects';
  price: Price;
}

const price = (startMicroUsd: number, resultMicroUsd: number): Price => ({
  startMicroUsd,
  resultMicroUsd,
  minimumMicroUsd: 10_000,
});

/** The query fee of tweet-scraper stands as a start fee: one query a run. */
export const ACTORS: readonly Actor[] = [
  {
    id: 'GdWCkxBtKWOsKjdch',
    name: 'clockworks/tiktok-scraper',
    platform: 'tiktok',
    field: 'postURLs',
    lists: 'urls',
    price: price(1_000, 3_700),
  },
  {
    id: 'shu8hvrXbJbY3Eb9W',
    name: 'apify/instagram-scraper',
    platform: 'instagram',
    field: 'directUrls',
    lists: 'urls',
    price: price(0, 2_700),
  },
  {
    id: 'xMc5Ga1oCONPmWJIa',
    name: 'apify/instagram-reel-scraper',
    platform: 'instagram',
    field: 'username',
    lists: 'urls',
    price: price(1_000, 2_600),
  },
  {
    id: 'h7sDV53CddomktSi5',
    name: 'streamers/youtube-scraper',
    platform: 'youtube',
    field: 'startUrls',
    lists: 'objects',
    price: price(0, 4_000),
  },
  {
    id: '61RPP7dywgiy0JPD0',
    name: 'apidojo/tweet-scraper',
    platform: 'x',
    field: 'startUrls',
    lists: 'urls',
    price: price(16_000, 400),
  },
  {
    id: 'KoJrdxJCTtpon81KY',
    name: 'apify/facebook-posts-scraper',
    platform: 'facebook',
    field: 'startUrls',
    lists: 'objects',
    price: price(0, 2_000),
  },
];

export type Row = Record<string, unknown>;

/** One video as a run was asked for it. */
export interface Asked {
  url: string;
  /** null: the address names no video of the platform. */
  videoId: string | null;
}

/**
 * The fields that hold the counted views, and the one that holds the video's address; the rest of a
 * row may echo the input.
 */
export const ROW_FIELDS: Record<Platform, { views: string[]; url: string; echoes: string[] }> = {
  tiktok: { views: ['playCount'], url: 'webVideoUrl', echoes: ['submittedVideoUrl', 'input'] },
  instagram: { views: ['videoPlayCount', 'videoViewCount'], url: 'url', echoes: ['inputUrl'] },
  youtube: { views: ['viewCount'], url: 'url', echoes: ['fromYTUrl', 'input'] },
  x: { views: ['viewCount'], url: 'url', echoes: ['twitterUrl'] },
  facebook: { views: ['viewsCount'], url: 'url', echoes: ['inputUrl', 'facebookUrl'] },
};

/** Another address of the same video, such as actors answer with now and then. */
export const OTHER_URL: Record<Platform, (id: string) => string> = {
  tiktok: (id) => `https://vm.tiktok.com/ZM${apifyId('short', id).slice(0, 7)}/`,
  instagram: (id) => `https://instagram.com/p/${id}/?img_index=1`,
  youtube: (id) => `https://youtu.be/${id}`,
  x: (id) => `https://mobile.twitter.com/i/web/status/${id}`,
  facebook: (id) => `https://m.facebook.com/watch/?v=${id}`,
};

const ROWS: Record<Platform, (asked: Asked, id: string, c: VideoCounts) => Row> = {
  tiktok: ({ url }, id, c) => {
    const author = authorOf('tiktok', id, url);
    return {
      id, text: '', createTime: c.postedAt ? Math.floor(c.postedAt.getTime() / 1000) : undefined, createTimeISO: c.postedAt,
      isAd: false, authorMeta: { id: author.id, name: author.name, fans: author.followers },
      webVideoUrl: `https://www.tiktok.com/@${author.name}/video/${id}`, mediaUrls: [], videoMeta: { height: 1024, width: 576, duration: 31 },
      diggCount: c.likes, shareCount: c.shares, playCount: c.views, collectCount: c.saves, commentCount: c.comments,
      mentions: [], hashtags: [], isSlideshow: false, isPinned: false, isSponsored: false, submittedVideoUrl: url, input: url,
    }; // prettier-ignore
  },
  instagram: ({ url }, id, c) => {
    const author = authorOf('instagram', id, url);
    return {
      id: digitsId(19, 'media', id), type: 'Video', shortCode: id, caption: '', hashtags: [], mentions: [], url: `https://www.instagram.com/p/${id}/`,
      commentsCount: c.comments, likesCount: c.likes, videoPlayCount: c.views, videoViewCount: c.secondViews, timestamp: c.postedAt,
      ownerUsername: author.name, ownerId: author.id, productType: 'clips', videoDuration: 31, isCommentsDisabled: false, inputUrl: url,
    }; // prettier-ignore
  },
  youtube: ({ url }, id, c) => {
    const author = authorOf('youtube', id, url);
    const short = url.includes('/shorts/');
    return {
      title: '', type: short ? 'shorts' : 'video', id, url: `https://www.youtube.com/${short ? 'shorts/' : 'watch?v='}${id}`,
      thumbnailUrl: `https://i.ytimg.com/vi/${id}/maxresdefault.jpg`, viewCount: c.views, date: c.postedAt, likes: c.likes,
      channelName: author.name, channelUrl: `https://www.youtube.com/@${author.name}`, channelUsername: author.name, channelId: `UC${apifyId(author.name, 1)}${apifyId(author.name, 2).slice(12)}`,
      numberOfSubscribers: author.followers, commentsCount: c.comments, duration: '00:00:31', order: 0, commentsTurnedOff: false, fromYTUrl: url, input: url,
    }; // prettier-ignore
  },
  x: ({ url }, id, c) => {
    const author = authorOf('x', id, url);
    return {
      type: 'tweet', id, url: `https://x.com/${author.name}/status/${id}`, twitterUrl: `https://twitter.com/${author.name}/status/${id}`, text: '',
      retweetCount: c.shares, replyCount: c.comments, likeCount: c.likes, quoteCount: 0, viewCount: c.views, bookmarkCount: 0, lang: 'en',
      createdAt: c.postedAt ? twitterDate(c.postedAt) : undefined, isReply: false, conversationId: id, isRetweet: false, isQuote: false,
      author: { type: 'user', id: author.id, userName: author.name, followers: author.followers },
    }; // prettier-ignore
  },
  facebook: ({ url }, id, c) => {
    const author = authorOf('facebook', id, url);
    const reel = `https://www.facebook.com/reel/${id}/`;
    return {
      facebookUrl: url, inputUrl: url, url: reel, postId: digitsId(18, 'post', id), pageName: author.name, user: { id: author.id, name: author.name }, text: '',
      time: c.postedAt, timestamp: c.postedAt ? Math.floor(c.postedAt.getTime() / 1000) : undefined,
      likes: c.likes, comments: c.comments, shares: c.shares, likesCount: c.likes, commentsCount: c.comments, sharesCount: c.shares, viewsCount: c.views,
      isVideo: true, attachments: [{ __typename: 'Video', id, url: reel, playable_duration_in_ms: 31_000 }],
    }; // prettier-ignore
  },
};

/**
 * What the actor says of a video it has seen. A count that is not shown has no field, but for
 * YouTube's likes, which are null then.
 */
export function rowOf(platform: Platform, asked: Asked, id: string, counts: VideoCounts): Row {
  const row = Object.entries(ROWS[platform](asked, id, counts));
  return Object.fromEntries(
    row.filter(
      ([field, value]) =>
        value !== undefined && (value !== null || (platform === 'youtube' && field === 'likes')),
    ),
  );
}

export const ROW_ERRORS = ['not_found', 'private', 'restricted_page', 'no_items'] as const;
export type RowError = (typeof ROW_ERRORS)[number];

const DESCRIPTIONS: Record<RowError, string> = {
  not_found: 'Post does not exist',
  private: 'Post is private',
  restricted_page: 'Restricted access, only partial data available',
  no_items: 'Empty or private data for provided input',
};

/** What the actor says of a video it could not see; null if it leaves the row out. */
export const ERROR_ROWS: Record<Platform, (url: string, error: RowError) => Row | null> = {
  tiktok: (url, error) =>
    error === 'private'
      ? { url, errorCode: 'PRIVATE_POST' }
      : { url, error: 'Post not found or private.', errorCode: error.toUpperCase() },
  instagram: (url, error) => ({ url, inputUrl: url, error, errorDescription: DESCRIPTIONS[error] }),
  youtube: () => null,
  x: () => ({ noResults: true }),
  // It knows no other error: deleted, private and blocked posts are the same there.
  facebook: (url) => ({
    url,
    inputUrl: url,
    error: 'no_items',
    errorDescription: DESCRIPTIONS.no_items,
  }),
};

/** The account in the address, else one made up from the video's id. */
function authorOf(
  platform: Platform,
  id: string,
  url: string,
): { id: string; name: string; followers: number } {
  const inUrl =
    /\/@([\w.]+)\//.exec(url)?.[1] ?? /^https:\/\/(?:x|twitter)\.com\/(\w+)\/status/.exec(url)?.[1];
  const name = inUrl && inUrl !== 'i' ? inUrl : `creator_${digitsId(4, platform, id)}`;
  const [u, v] = draws('followers', platform, name);
  return {
    id: digitsId(15, platform, name),
    name,
    followers: Math.floor(20_000 * Math.exp(1.5 * normal(u, v))),
  };
}

/** "Fri Nov 21 20:20:00 +0000 2025" */
const twitterDate = (at: Date): string =>
  at.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 +0000 $4');
