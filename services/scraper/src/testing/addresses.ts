import type { Platform } from '@cliptally/contracts';

/** The address of clip number `n` of a platform; each number has its own. */
export const ADDRESSES: Record<Platform, (n: number) => string> = {
  tiktok: (n) => `https://www.tiktok.com/@someone/video/75${String(n).padStart(17, '0')}`,
  youtube: (n) => `https://www.youtube.com/watch?v=${String(n).padStart(11, 'Y')}`,
  instagram: (n) => `https://www.instagram.com/reel/${String(n).padStart(11, 'D')}/`,
  x: (n) => `https://x.com/someone/status/19${String(n).padStart(17, '0')}`,
  facebook: (n) => `https://www.facebook.com/reel/1${String(n).padStart(14, '0')}`,
};
