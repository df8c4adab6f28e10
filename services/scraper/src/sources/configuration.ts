import { Platform, type Clock } from '@cliptally/contracts';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ACTORS, type Actor } from '../domain/actors.js';
import { ApifySource, type ApifyOptions } from './apify.js';
import type { Source } from './source.js';
import { XApi, type FirstReads } from './x-api.js';
import { YouTubeDataApi } from './youtube-data-api.js';

const MicroUsd = z.int().nonnegative();
const PerMinute = z.number().positive();
const Names = z.array(z.string().min(1));

const ActorFields = z.strictObject({
  urls: z.strictObject({ field: z.string().min(1), as: z.enum(['texts', 'objects']) }),
  input: z.record(z.string(), z.json()),
  viewFields: Names.min(1),
  likes: Names,
  comments: Names,
  shares: Names,
  postedAt: z.string(),
  author: Names,
  followers: Names,
  names: Names.min(1),
  startMicroUsd: MicroUsd,
  resultMicroUsd: MicroUsd,
  minimumMicroUsd: MicroUsd,
  rounding: z.array(z.strictObject({ from: MicroUsd, to: z.int().min(2) })),
  perMinute: PerMinute,
});

const Setting = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('apify'), id: z.string().min(1), ...ActorFields.partial().shape }),
  z.strictObject({ kind: z.literal('youtube-data-api'), perMinute: PerMinute.optional() }),
  z.strictObject({ kind: z.literal('x-api'), perMinute: PerMinute.optional(), postMicroUsd: MicroUsd.optional() }),
]);
const File = z.partialRecord(Platform, z.array(Setting).min(1));

export type SourceSetting =
  | { kind: 'apify'; actor: Actor }
  | { kind: 'youtube-data-api'; perMinute?: number | undefined }
  | { kind: 'x-api'; perMinute?: number | undefined; postMicroUsd?: number | undefined };
/** The sources of each platform, in the order in which they are asked. */
export type SourceSettings = Readonly<Record<Platform, readonly SourceSetting[]>>;

const actorsOf = (platform: Platform): SourceSetting[] =>
  ACTORS.filter((actor) => actor.platform === platform).map((actor) => ({ kind: 'apify', actor }));

/** By price: what is free comes first; X's own API is dearer than an actor, unless a clip is looked at several times a day. */
export const DEFAULT_SOURCES: SourceSettings = {
  tiktok: actorsOf('tiktok'),
  youtube: [{ kind: 'youtube-data-api' }, ...actorsOf('youtube')],
  instagram: actorsOf('instagram'),
  x: [...actorsOf('x'), { kind: 'x-api' }],
  facebook: actorsOf('facebook'),
};

/**
 * Reads SOURCES_FILE: JSON that lists, for each platform it names, all sources in order. An actor that is known needs only what differs.
 * Gives the settings, or every fault of the file.
 */
export function readSources(path: string): { sources: SourceSettings } | { faults: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return { faults: [`SOURCES_FILE ${path} cannot be read as JSON (${(error as Error).message}).`] };
  }
  const parsed = File.safeParse(json);
  const fault = (at: readonly PropertyKey[], message: string) => `SOURCES_FILE ${path}, ${at.join('.') || 'the whole'}: ${message}.`;
  if (!parsed.success) return { faults: parsed.error.issues.map((issue) => fault(issue.path, issue.message)) };
  const faults: string[] = [];
  const given = Object.entries(parsed.data).map(([platform, settings]) => [
    platform,
    settings.map((setting, i) =>
      completed(setting, platform as Platform, (at, message) => faults.push(fault([platform, i, ...at], message))),
    ),
  ]);
  return faults.length > 0 ? { faults } : { sources: { ...DEFAULT_SOURCES, ...(Object.fromEntries(given) as Partial<SourceSettings>) } };
}

type Complain = (at: readonly PropertyKey[], message: string) => void;

function completed(setting: z.output<typeof Setting>, platform: Platform, complain: Complain): SourceSetting {
  if (setting.kind !== 'apify') {
    const only = setting.kind === 'x-api' ? 'x' : 'youtube';
    if (platform !== only) complain(['kind'], `"${setting.kind}" gives counts of ${only} only`);
    return setting;
  }
  const { kind, id, ...given } = setting;
  const known = ACTORS.find((actor) => actor.id === id && actor.platform === platform);
  const actor = { ...known, ...given, id, platform };
  const absent = Object.keys(ActorFields.shape).filter((field) => !(field in actor));
  if (absent.length > 0) complain([], `the actor "${id}" is not known here, so ${absent.join(', ')} must be given as well`);
  return { kind, actor: actor as Actor };
}

export interface SourceAccess {
  clock: Clock;
  firstReads: FirstReads;
  apify?: Omit<ApifyOptions, 'clock'> | undefined;
  youtubeApiKey?: string | undefined;
  xBearerToken?: string | undefined;
}

/** The sources of a platform that there is access to, in their order. */
export function openSources(platform: Platform, settings: SourceSettings, access: SourceAccess): Source[] {
  const { clock, firstReads, apify, youtubeApiKey, xBearerToken } = access;
  return settings[platform].flatMap((setting): Source[] => {
    if (setting.kind === 'apify') return apify ? [new ApifySource(setting.actor, { ...apify, clock })] : [];
    const perMinute = setting.perMinute === undefined ? {} : { perMinute: setting.perMinute };
    if (setting.kind === 'youtube-data-api') return youtubeApiKey ? [new YouTubeDataApi({ apiKey: youtubeApiKey, ...perMinute })] : [];
    const price = setting.postMicroUsd === undefined ? {} : { postMicroUsd: setting.postMicroUsd };
    return xBearerToken ? [new XApi({ token: xBearerToken, clock, firstReads, ...perMinute, ...price })] : [];
  });
}
