import type { Platform } from '../platform.js';

/**
 * How one platform writes its links. Patterns begin with the host, without www., m., mobile. or
 * web., and are compared with a link that was cleaned of scheme, tracking, fragment and trailing
 * slash. In them `{id}` is the video's id, `{n}` a number, any other `{word}` one part of the path
 * that says nothing about identity, and a closing `/*` anything or nothing more. `?name={id}` reads
 * the id from that parameter, wherever it stands. Letter case counts, as it does for the platforms.
 *
 * Rows are tried in the order redirects, otherPages, clips; what no row knows is refused. A new
 * form of link is a new row here and a line in testing/cases.ts.
 */
export interface LinkRules {
  name: string;
  /** The host that this platform's own addresses are written with. */
  home: string;
  /** Other hosts that write the same links as the one they are mapped to. */
  sameAs: Record<string, string>;
  id: RegExp;
  clips: string[];
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

// Numeric ids never begin with 0: a platform that reads them as numbers would show one video under
// two ids.
const tiktok: LinkRules = {
  name: 'TikTok',
  home: 'www.tiktok.com',
  sameAs: {},
  id: /^[1-9]\d{14,19}$/,
  clips: [
    'tiktok.com/@{user}/video/{id}',
    'tiktok.com/@{user}/photo/{id}',
    'tiktok.com/@/video/{id}',
    'tiktok.com/v/{id}.html',
    'tiktok.com/embed/v2/{id}',
    'tiktok.com/player/v1/{id}',
    'tiktok.com/*?item_id={id}',
  ],
  redirects: ['vm.tiktok.com/{code}', 'vt.tiktok.com/{code}', 'tiktok.com/t/{code}'],
  // A profile has no row: some of TikTok's copied links are a profile's with item_id=.
  otherPages: {
    'tiktok.com/@{user}/live/*': 'a live stream',
    'tiktok.com/live/*': 'a live stream',
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
  sameAs: { 'music.youtube.com': 'youtube.com', 'youtube-nocookie.com': 'youtube.com' },
  id: /^[A-Za-z0-9_-]{11}$/,
  clips: [
    'youtu.be/{id}',
    'youtube.com/watch?v={id}',
    'youtube.com/shorts/{id}',
    'youtube.com/live/{id}',
    'youtube.com/embed/{id}',
    'youtube.com/v/{id}',
  ],
  redirects: [],
  otherPages: {
    // These two words happen to have the form of an id.
    'youtube.com/embed/videoseries': 'a playlist',
    'youtube.com/embed/live_stream': 'a channel',
    'youtube.com/playlist': 'a playlist',
    'youtube.com/clip/*': 'a cut of a video',
    'youtube.com/@{channel}/*': 'a channel',
    'youtube.com/channel/*': 'a channel',
    'youtube.com/c/*': 'a channel',
    'youtube.com/user/*': 'a channel',
    'youtube.com/post/*': 'a community post',
    'youtube.com/results': 'a search',
  },
  // Opens every video, shorts and live streams included; /shorts/ does not.
  canonical: 'https://www.youtube.com/watch?v={id}',
  paste: 'the link of one video, such as https://www.youtube.com/watch?v=dQw4w9WgXcQ',
};

const instagram: LinkRules = {
  name: 'Instagram',
  home: 'www.instagram.com',
  sameAs: {},
  // A 64-bit number in base 64 has at most 11 digits. Longer codes carry the key of a private
  // account's post, and are a second name of it.
  id: /^[A-Za-z0-9_-]{5,11}$/,
  clips: [
    'instagram.com/reel/{id}',
    'instagram.com/reels/{id}',
    'instagram.com/p/{id}',
    'instagram.com/tv/{id}',
    'instagram.com/{user}/reel/{id}',
    'instagram.com/{user}/p/{id}',
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

const posts = [
  'x.com/{user}/status/{id}',
  'x.com/i/web/status/{id}',
  'x.com/statuses/{id}',
  'x.com/{user}/statuses/{id}',
];
const x: LinkRules = {
  name: 'X',
  home: 'x.com',
  sameAs: { 'twitter.com': 'x.com' },
  id: /^[1-9]\d{0,19}$/,
  clips: [
    ...posts,
    ...posts.map((post) => `${post}/video/{n}`),
    ...posts.map((post) => `${post}/photo/{n}`),
  ],
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
  sameAs: {},
  id: /^[1-9]\d{4,19}$/,
  clips: [
    'facebook.com/reel/{id}',
    'facebook.com/watch?v={id}',
    'facebook.com/watch/live?v={id}',
    'facebook.com/{page}/videos/{id}',
    'facebook.com/{page}/videos/{slug}/{id}',
    'facebook.com/video.php?v={id}',
  ],
  redirects: ['fb.watch/{code}', 'facebook.com/share/{code}', 'facebook.com/share/{sort}/{code}'],
  otherPages: {
    'facebook.com/share/*': 'an incomplete share link',
    'facebook.com/groups/*': 'a group',
    'facebook.com/{page}/posts/*': 'a post that may hold a video',
    'facebook.com/permalink.php': 'a post that may hold a video',
    'facebook.com/story.php': 'a post that may hold a video',
    'facebook.com/photo/*': 'a photo',
    'facebook.com/photo.php': 'a photo',
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
