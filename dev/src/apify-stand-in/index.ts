/**
 * Stands in for Apify: the API that `apify-client` speaks, actors that read view curves, and
 * everything that goes wrong with both.
 */
export { ACTORS, type Price } from './actors.js';
export type { Limits, Stats } from './account.js';
export { generatedCurves, type VideoCounts, type ViewCurves } from './curves.js';
export { Fault, type FaultInput } from './faults.js';
export { replayCurves, replayedVideos, type ReplayedVideo } from './replay.js';
export { startApifyStandIn, type ApifyStandIn, type StandInOptions } from './server.js';
