import { identifyClip } from '@cliptally/contracts';
import { generatedCurves, type ViewCurves } from '../apify-stand-in/index.js';
import { sampleClip } from './sample-world.js';

const DAY_MS = 86_400_000;

/** Sample clips at the beginning of the sample world, and how many join each day after. */
export const FIRST_CLIPS = 120;
const CLIPS_A_DAY = 24;
const DAYS = 120;

/** Sample clips that have joined by `days` after the sample world's beginning. */
export const clipsBy = (days: number): number =>
  FIRST_CLIPS + CLIPS_A_DAY * Math.min(Math.max(0, Math.floor(days)), DAYS);

/**
 * Generated curves on which a clip that joins later was also posted later: new clips come as the
 * sample world goes on.
 */
export function sampleCurves(start: Date): ViewCurves {
  const curves = Array.from({ length: DAYS + 1 }, (_, day) =>
    generatedCurves({ worldStart: new Date(start.getTime() + day * DAY_MS) }),
  );
  const joins = new Map<string, number>();
  for (let n = FIRST_CLIPS; n < clipsBy(DAYS); n++) {
    const clip = identifyClip(sampleClip(n).url);
    if (clip.kind === 'clip')
      joins.set(clip.clipId, 1 + Math.floor((n - FIRST_CLIPS) / CLIPS_A_DAY));
  }
  return {
    at: (platform, videoId, instant) =>
      curves[joins.get(`${platform}-${videoId}`) ?? 0]!.at(platform, videoId, instant),
  };
}
