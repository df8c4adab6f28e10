import { PLATFORMS, Platform, type Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ACTORS, FIELD_NAMES, type Actor } from '../domain/actors.js';
import type { ApifyOptions } from './apify-clients.js';
import { ApifySource } from './apify.js';
import type { Source } from './source.js';
import { XApi, type FirstReads } from './x-api.js';
import { YouTubeDataApi } from './youtube-data-api.js';

const WHOLE =
  'must be a whole number from 0 up; money is in millionths of a US dollar, so 3700 stands for $0.0037';
const Whole = z.int(WHOLE).nonnegative(WHOLE);
const PerMinute = z.number('must be a number above 0').positive('must be a number above 0');
const Name = z.string('must be a text').min(1, 'must not be empty');
const Names = z.array(Name, 'must be a list of names of fields, for example ["playCount"]');

const ActorFields = z.strictObject({
  urls: z.strictObject({
    field: Name,
    as: z.enum(['texts', 'objects'], 'must be "texts" or "objects"'),
  }),
  input: z.record(z.string(), z.json(), 'must be an object'),
  viewFields: Names.min(1, 'must name one field at least'),
  likes: Names,
  comments: Names,
  shares: Names,
  postedAt: Name,
  author: Names,
  followers: Names,
  authorId: Names,
  bio: Names,
  caption: Names,
  names: Names.min(1, 'must name one field at least'),
  startMicroUsd: Whole,
  resultMicroUsd: Whole,
  minimumMicroUsd: Whole,
  rounding: z.array(
    z.strictObject({ from: Whole, to: z.int().min(2, 'must be 2 at least') }),
    'must be a list of {"from", "to"}',
  ),
  perMinute: PerMinute,
});

const Setting = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('apify'), id: Name, ...ActorFields.partial().shape }),
    z.strictObject({ kind: z.literal('youtube-data-api'), perMinute: PerMinute.optional() }),
    z.strictObject({
      kind: z.literal('x-api'),
      perMinute: PerMinute.optional(),
      postMicroUsd: Whole.optional(),
    }),
  ],
  'must be "apify", "youtube-data-api" or "x-api"',
);
const NONE =
  'must be a list of sources, of one at least; leave the platform out to keep its standard ones';
const File = z.partialRecord(Platform, z.array(Setting, NONE).min(1, NONE));

/** What the schemas themselves do not say. */
function said({ code, path = [], ...issue }: z.core.$ZodRawIssue): string | undefined {
  const unknown = (code === 'unrecognized_keys' ? (issue['keys'] as string[]) : [])
    .map((key) => `"${key}"`)
    .join(', ');
  if (path.length === 0)
    return unknown
      ? `there is no platform ${unknown}, but ${PLATFORMS.join(', ')}`
      : 'must be an object with sources by platform';
  return unknown
    ? `there is no ${unknown}; a source has kind, and id, ${Object.keys(ActorFields.shape).join(', ')} or postMicroUsd`
    : undefined;
}

export type SourceSetting =
  | { kind: 'apify'; actor: Actor }
  | { kind: 'youtube-data-api'; perMinute?: number | undefined }
  | { kind: 'x-api'; perMinute?: number | undefined; postMicroUsd?: number | undefined };
/** The sources of each platform, in the order in which they are asked. */
export type SourceSettings = Readonly<Record<Platform, readonly SourceSetting[]>>;

const actorsOf = (platform: Platform): SourceSetting[] =>
  ACTORS.filter((actor) => actor.platform === platform).map((actor) => ({ kind: 'apify', actor }));

/**
 * By price: what is free comes first; X's own API is dearer than an actor, unless a clip is scraped
 * at several times a day.
 */
export const DEFAULT_SOURCES: SourceSettings = {
  tiktok: actorsOf('tiktok'),
  youtube: [{ kind: 'youtube-data-api' }, ...actorsOf('youtube')],
  instagram: actorsOf('instagram'),
  x: [...actorsOf('x'), { kind: 'x-api' }],
  facebook: actorsOf('facebook'),
};

/**
 * Reads SOURCES_FILE: JSON that lists, for each platform it names, all sources in order. An actor
 * that is known needs only what differs. Gives the settings, or every fault of the file.
 */
export function readSources(path: string): { sources: SourceSettings } | { faults: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return {
      faults: [
        `SOURCES_FILE ${path} cannot be read as JSON (${(error as Error).message}): mend the file, or unset SOURCES_FILE.`,
      ],
    };
  }
  const parsed = File.safeParse(json, { error: said });
  const fault = (at: readonly PropertyKey[], message: string) =>
    `SOURCES_FILE ${path}, ${at.join('.') || 'the whole'}: ${message}.`;
  if (!parsed.success)
    return { faults: parsed.error.issues.map((issue) => fault(issue.path, issue.message)) };
  const faults: string[] = [];
  const given = Object.entries(parsed.data).map(([platform, settings]) => [
    platform,
    settings.map((setting, i) =>
      completed(setting, platform as Platform, (at, message) =>
        faults.push(fault([platform, i, ...at], message)),
      ),
    ),
  ]);
  return faults.length > 0
    ? { faults }
    : {
        sources: { ...DEFAULT_SOURCES, ...(Object.fromEntries(given) as Partial<SourceSettings>) },
      };
}

type Complain = (at: readonly PropertyKey[], message: string) => void;

function completed(
  setting: z.output<typeof Setting>,
  platform: Platform,
  complain: Complain,
): SourceSetting {
  if (setting.kind !== 'apify') {
    const only = setting.kind === 'x-api' ? 'x' : 'youtube';
    if (platform !== only) complain(['kind'], `"${setting.kind}" gives counts of ${only} only`);
    return setting;
  }
  const { kind, id, ...given } = setting;
  const known = ACTORS.find((actor) => actor.id === id && actor.platform === platform);
  const configured = FIELD_NAMES.flatMap((name) => given[name] ?? []);
  const actor = { ...known, ...given, id, platform, configured };
  const absent = Object.keys(ActorFields.shape).filter((field) => !(field in actor));
  if (absent.length > 0)
    complain(
      [],
      `the actor "${id}" is not known here, so ${absent.join(', ')} must be given as well`,
    );
  return { kind, actor: actor as Actor };
}

export interface SourceAccess {
  clock: Clock;
  log?: Pick<Log, 'warn'>;
  firstReads: FirstReads;
  apify?: Omit<ApifyOptions, 'clock'> | undefined;
  youtubeApiKey?: string | undefined;
  xBearerToken?: string | undefined;
}

/** The sources of a platform that there is access to, in their order. */
export function openSources(
  platform: Platform,
  settings: SourceSettings,
  access: SourceAccess,
): Source[] {
  const { clock, log, firstReads, apify, youtubeApiKey, xBearerToken } = access;
  return settings[platform].flatMap((setting): Source[] => {
    if (setting.kind === 'apify')
      return apify
        ? [new ApifySource(setting.actor, { ...apify, clock, ...(log ? { log } : {}) })]
        : [];
    const perMinute = setting.perMinute === undefined ? {} : { perMinute: setting.perMinute };
    if (setting.kind === 'youtube-data-api')
      return youtubeApiKey ? [new YouTubeDataApi({ apiKey: youtubeApiKey, ...perMinute })] : [];
    const price = setting.postMicroUsd === undefined ? {} : { postMicroUsd: setting.postMicroUsd };
    return xBearerToken
      ? [new XApi({ token: xBearerToken, clock, firstReads, ...perMinute, ...price })]
      : [];
  });
}
