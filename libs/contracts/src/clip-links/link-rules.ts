import type { Platform } from '../platform.js';

/**
 * How one platform writes its links. Patterns begin with the host, without www., m., mobile. or
 * web., and are compared with a link that was cleaned of scheme, tracking, fragment and trailing
 * slash. In them `{id}` is the video's id, `{n}` a number, any other `{word}` one part of the path
 * that says nothing about identity, and a closing `/*` anything or nothing more. `?name={id}` reads
 * the id from that parameter, wherever it stands. Letter case counts, as it does for the platforms.
 *
 * Rows are tried in the order redirects, otherPages, clips; what no row knows is refused. Anything
 * may follow a row of `clips`, but for a second id.
 */
export interface LinkRules {
  name: string;
  /** The host that this platform's own addresses are written with. */
  home: string;
  /** Hosts below `home` that show the same pages: by language, for slow networks, for business. */
  subdomains?: RegExp;
  /** Other hosts that write the same links as the one they are mapped to. */
  sameAs: Record<string, string>;
  id: RegExp;
  /** The form that an id has, and another number in what follows one does not. */
  second?: RegExp;
  /** The platform's own words that have the form of an id. */
  words?: readonly string[];
  clips: string[];
  /** Parameters that repeat the id of the page they stand on. */
  repeats?: readonly string[];
  /** Short links: only the platform knows where they lead. */
  redirects: string[];
  /** Pages that people paste by mistake, and what they are. */
  otherPages: Record<string, string>;
  /**
   * The one address of a clip. It depends on the id alone, so that a video has one address however
   * it was pasted.
   */
  canonical: string;
  /** What to paste instead, as an end of a sentence. */
  paste: string;
}

const each = (places: readonly string[], pages: readonly string[]): string[] =>
  places.flatMap((place) => pages.map((page) => `${place}/${page}/{id}`));

// Numeric ids never begin with 0: a platform that reads them as numbers would show one video under
// two ids.
const tiktok: LinkRules = {
  name: 'TikTok',
  home: 'www.tiktok.com',
  subdomains: /^(?:lite|t)\./,
  sameAs: { 'tiktokv.com': 'tiktok.com' },
  id: /^[1-9]\d{14,19}$/,
  clips: [
    'tiktok.com/@{user}/video/{id}',
    'tiktok.com/@{user}/photo/{id}',
    'tiktok.com/@/video/{id}',
    'tiktok.com/video/{id}',
    'tiktok.com/v/{id}.html',
    'tiktok.com/v/{id}',
    'tiktok.com/share/video/{id}',
    'tiktok.com/i18n/share/video/{id}',
    'tiktok.com/embed/{id}',
    'tiktok.com/embed/v{n}/{id}',
    'tiktok.com/player/v{n}/{id}',
    'tiktok.com/*?item_id={id}',
  ],
  redirects: ['vm.tiktok.com/{code}', 'vt.tiktok.com/{code}', 'tiktok.com/t/{code}'],
  // A profile has no row: some of TikTok's copied links are a profile's with item_id=.
  otherPages: {
    'tiktok.com/@{user}/live/*': 'a live stream',
    'tiktok.com/live/*': 'a live stream',
    'tiktok.com/share/live/*': 'a live stream',
    'tiktok.com/tag/*': 'a hashtag',
    'tiktok.com/music/*': 'a sound',
  },
  // TikTok writes this form itself in some of its redirects; a user's name may change, the id does
  // not.
  canonical: 'https://www.tiktok.com/@/video/{id}',
  paste: 'the link of one video, such as https://www.tiktok.com/@name/video/7301234567890123456',
};

const youtube: LinkRules = {
  name: 'YouTube',
  home: 'www.youtube.com',
  // tv.youtube.com gives its broadcasts ids of the same form.
  subdomains: /^(?:gaming|music|(?!tv\.)[a-z]{2})\./,
  sameAs: {
    'youtu.be': 'youtube.com',
    'youtube-nocookie.com': 'youtube.com',
    'youtube.googleapis.com': 'youtube.com',
    'youtubekids.com': 'youtube.com',
    'img.youtube.com': 'i.ytimg.com',
  },
  id: /^[A-Za-z0-9_-]{11}$/,
  words: ['videoseries', 'live_stream'],
  clips: [
    'youtu.be/{id}',
    ...each(['youtube.com'], ['watch', 'shorts', 'live', 'embed', 'e', 'v', 'vi']),
    'youtube.com/*?v={id}',
    'youtube.com/*?vi={id}',
    'youtube.com/*?video_id={id}',
    'studio.youtube.com/video/{id}',
    'i.ytimg.com/{picture}/{id}',
  ],
  redirects: [],
  otherPages: {
    'youtube.com/embed/videoseries': 'a playlist',
    'youtube.com/embed/live_stream': 'a channel',
    'youtube.com/playlist': 'a playlist',
    'youtube.com/clip/*': 'a cut of a video',
    'youtube.com/source/*': 'a list of other videos with the same sound',
    'youtube.com/hashtag/*': 'a hashtag',
    'youtube.com/@{channel}/*': 'a channel',
    'youtube.com/channel/*': 'a channel',
    'youtube.com/c/*': 'a channel',
    'youtube.com/user/*': 'a channel',
    'youtube.com/post/*': 'a community post',
    'youtube.com/results': 'a search',
    // Its v= is the video that the link was found under.
    'youtube.com/redirect': 'a way out to another page',
  },
  // Opens every video, shorts and live streams included; /shorts/ does not.
  canonical: 'https://www.youtube.com/watch?v={id}',
  paste: 'the link of one video, such as https://www.youtube.com/watch?v=dQw4w9WgXcQ',
};

const instagram: LinkRules = {
  name: 'Instagram',
  home: 'www.instagram.com',
  sameAs: { 'instagr.am': 'instagram.com' },
  // A 64-bit number in base 64 has at most 11 digits. Longer codes carry the key of a private
  // account's post, and are a second name of it.
  id: /^[A-Za-z0-9_-]{5,11}$/,
  words: ['audio', 'captioned', 'comments', 'embed', 'liked_by', 'likes', 'media', 'reels', 'saved', 'tagged', 'videos'], // prettier-ignore
  clips: [
    ...each(['instagram.com', 'instagram.com/{user}'], ['reel', 'reels', 'p', 'tv']),
    'instagram.com/reels/videos/{id}',
  ],
  redirects: ['instagram.com/share/{code}', 'instagram.com/share/{sort}/{code}'],
  otherPages: {
    'instagram.com/share/*': 'an incomplete share link',
    'instagram.com/stories/*': 'a story',
    'instagram.com/explore/*': 'a search',
    'instagram.com/reels/audio/*': 'a sound',
    'instagram.com/accounts/*': 'a log-in page',
    'instagram.com/{user}': 'a profile',
  },
  canonical: 'https://www.instagram.com/reel/{id}/',
  paste: 'the link of one reel or post, such as https://www.instagram.com/reel/C8aBcDeFgHi/',
};

const x: LinkRules = {
  name: 'X',
  home: 'x.com',
  sameAs: { 'twitter.com': 'x.com', 'platform.x.com': 'platform.twitter.com' },
  id: /^[1-9]\d{0,19}$/,
  // A post's pictures are counted from 1 to 4.
  second: /^\d{2,}$/,
  clips: [
    'x.com/{user}/status/{id}',
    'x.com/{user}/statuses/{id}',
    'x.com/statuses/{id}',
    'x.com/i/web/status/{id}',
    'x.com/i/videos/{id}',
    'x.com/i/videos/tweet/{id}',
    'x.com/i/cards/tfw/v1/{id}',
    'platform.twitter.com/embed/*?id={id}',
  ],
  repeats: ['currentTweet'],
  redirects: ['t.co/{code}'],
  otherPages: {
    'x.com/{user}': 'a profile',
    'x.com/i/spaces/*': 'a Space',
    'x.com/i/broadcasts/*': 'a broadcast',
    'x.com/hashtag/*': 'a hashtag',
    'x.com/intent/*': 'a form',
  },
  canonical: 'https://x.com/i/status/{id}',
  paste: 'the link of one post, such as https://x.com/name/status/1790000000000000000',
};

const facebook: LinkRules = {
  name: 'Facebook',
  home: 'www.facebook.com',
  subdomains: /^(?:mbasic|touch|lite|business|[a-z]{2}(?:-[a-z]{2})?)\./,
  sameAs: { 'fb.com': 'facebook.com' },
  id: /^[1-9]\d{4,19}$/,
  clips: [
    ...each(['facebook.com', 'facebook.com/{page}'], ['reel', 'reels', 'videos']),
    'facebook.com/{page}/videos/{slug}/{id}',
    'facebook.com/watch/*?v={id}',
    'facebook.com/video/*?v={id}',
    'facebook.com/video/*?video_id={id}',
    'facebook.com/video.php?v={id}',
    'facebook.com/photo.php?v={id}',
  ],
  repeats: ['v', 'video_id'],
  redirects: ['fb.watch/{code}', 'facebook.com/share/{code}', 'facebook.com/share/{sort}/{code}'],
  otherPages: {
    'facebook.com/share/*': 'an incomplete share link',
    'facebook.com/groups/*': 'a group',
    'facebook.com/{page}/posts/*': 'a post that may hold a video',
    'facebook.com/permalink.php': 'a post that may hold a video',
    'facebook.com/story.php': 'a post that may hold a video',
    'facebook.com/photo/*': 'a photo',
    'facebook.com/photo.php?fbid={photo}': 'a photo',
    'facebook.com/stories/*': 'a story',
    'facebook.com/events/*': 'an event',
    'facebook.com/login/*': 'a log-in page',
    'facebook.com/login.php': 'a log-in page',
  },
  // Opens reels and videos alike; /reel/ opens reels only.
  canonical: 'https://www.facebook.com/watch/?v={id}',
  paste: 'the link of one reel or video, such as https://www.facebook.com/reel/1234567890123456',
};

export const LINK_RULES: Record<Platform, LinkRules> = { tiktok, youtube, instagram, x, facebook };

/**
 * Pages that carry a whole link in a parameter, which alone says what is meant. A form in which a
 * visitor would write a post of their own is none: nobody knows whether they mean that post.
 */
export const WRAPPERS: readonly string[] = [
  'l.facebook.com/l.php?u',
  'facebook.com/l.php?u',
  'facebook.com/flx/warn?u',
  'facebook.com/plugins/*?href',
  'facebook.com/login/*?next',
  'facebook.com/login.php?next',
  'l.instagram.com?u',
  'instagram.com/accounts/login/*?next',
  'youtube.com/redirect?q',
  'youtube.com/attribution_link?u',
  'youtube.com/oembed?url',
  'youtube.com/signin?next',
  'youtube.com/verify_age?next_url',
  'consent.youtube.com/*?continue',
  'accounts.google.com/*?continue',
  'google.com/url?q',
  'google.com/url?url',
  'tiktok.com/oembed?url',
  'tiktok.com/login/*?redirect_url',
  'tiktok.com/link/v{n}?target',
  'publish.twitter.com/*?url',
  'publish.twitter.com/*?query',
  'x.com/i/flow/login?redirect_after_login',
  'x.com/login?redirect_after_login',
];
