import {
  ALL_EVENTS,
  JETSTREAM_STREAM,
  PLATFORMS,
  SUBJECT_PREFIX,
  scrapeRequestsOf,
  scraperDurable,
} from '@cliptally/contracts';
import { BUCKETS, streamOf, type BucketName } from '@cliptally/messaging';

/** Who has a user in NATS: services, and the operators' command `migrate`. */
export const USERS = ['relay', 'migrate', 'scraper', 'earnings', 'monitor'] as const;
export type User = (typeof USERS)[number];

/** The account that has JetStream, with its name in the configuration. */
export const HOME = 'EVENTS';
/** An account is a space of subjects of its own: nothing passes between two but what is listed. */
export const accountOf = (user: User): string =>
  user === 'relay' || user === 'migrate' ? HOME : user.toUpperCase();

export interface Rights {
  /** Requests to JetStream, each with one answer. */
  asks: readonly string[];
  /** Requests to JetStream with several answers. */
  pulls: readonly string[];
  /** Plain messages that it publishes. */
  says: readonly string[];
  /** Plain messages of others that it receives, beside its answers on `_INBOX_<user>.>`. */
  hears: readonly string[];
}

const HINTS = 'cliptally.hints.>';
const api = (subject: string) => `$JS.API.${subject}`;
const STREAM = JETSTREAM_STREAM;
const BUCKET_NAMES = Object.keys(BUCKETS) as BucketName[];
const DURABLES = PLATFORMS.map(scraperDurable);
/** What the client asks when it connects. */
const CONNECTS = [api('INFO'), api(`STREAM.INFO.${STREAM}`)];

/** Everything that a user may do; it is refused everything else. */
export const RIGHTS: Readonly<Record<User, Rights>> = {
  relay: {
    // The only one that publishes events; it reads the last message of the stream.
    asks: [...CONNECTS, api(`STREAM.MSG.GET.${STREAM}`)],
    pulls: [],
    says: [ALL_EVENTS],
    hears: [],
  },
  migrate: {
    // The operators' command makes streams, buckets and consumers, and alone deletes the stream.
    asks: [
      ...CONNECTS,
      ...[STREAM, ...BUCKET_NAMES.map(streamOf)].flatMap((stream) => [
        api(`STREAM.CREATE.${stream}`),
        api(`STREAM.UPDATE.${stream}`),
      ]),
      api(`STREAM.DELETE.${STREAM}`),
      ...BUCKET_NAMES.map((bucket) => api(`STREAM.INFO.${streamOf(bucket)}`)),
      ...PLATFORMS.flatMap((platform) => [
        api(`CONSUMER.INFO.${STREAM}.${scraperDurable(platform)}`),
        api(`CONSUMER.CREATE.${STREAM}.${scraperDurable(platform)}.${scrapeRequestsOf(platform)}`),
      ]),
    ],
    pulls: [],
    says: [],
    hears: [],
  },
  scraper: {
    // Work from its own consumers, which it cannot change, and its four buckets.
    asks: [
      ...CONNECTS,
      ...DURABLES.flatMap((durable) => [
        api(`CONSUMER.INFO.${STREAM}.${durable}`),
        `$JS.ACK.${STREAM}.${durable}.>`,
      ]),
      ...BUCKET_NAMES.flatMap((bucket) => [
        api(`STREAM.INFO.${streamOf(bucket)}`),
        api(`DIRECT.GET.${streamOf(bucket)}.>`),
        `$KV.${bucket}.>`,
      ]),
    ],
    pulls: [
      ...DURABLES.map((durable) => api(`CONSUMER.MSG.NEXT.${STREAM}.${durable}`)),
      ...(['scraper-counts', 'scraper-batches'] as const).map((bucket) =>
        api(`DIRECT.GET.${streamOf(bucket)}`),
      ),
    ],
    says: [],
    hears: [HINTS],
  },
  earnings: {
    // It passes on Apify's hints that a run has ended.
    asks: CONNECTS,
    pulls: [],
    says: [HINTS],
    hears: [ALL_EVENTS],
  },
  monitor: {
    // It reads how far others are.
    asks: [
      ...CONNECTS,
      api(`STREAM.MSG.GET.${STREAM}`),
      api(`DIRECT.GET.${STREAM}`),
      api(`CONSUMER.LIST.${STREAM}`),
    ],
    pulls: [],
    says: [],
    hears: [ALL_EVENTS],
  },
};

/** Who says what others hear: an account lets it out to the accounts that hear it. */
export const SPOKEN = [
  { subject: `${SUBJECT_PREFIX}.>`, by: 'relay' },
  { subject: HINTS, by: 'earnings' },
] as const satisfies readonly { subject: string; by: User }[];
