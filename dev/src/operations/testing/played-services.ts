import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Minutes, as the services' clock counts them. */
type Minutes = number;
type Sample = [name: string, labels: string, value: number];
type Job = 'monitor' | 'earnings' | 'scraper' | 'relay' | 'cluster';
export const JOBS: readonly Job[] = ['monitor', 'earnings', 'scraper', 'relay', 'cluster'];

/** What is broken, since when; each is one incident of deploy/alertmanager/incidents.yml. */
export const INCIDENTS = [
  'NATS',
  'PostgreSQL',
  'KurrentDB',
  'the scraper',
  'the relay',
  'the earnings service',
  'the monitor',
  'the scheduler',
  'the source',
  'a full disk',
  'an expired certificate',
] as const;
export type Incident = (typeof INCIDENTS)[number];

const PLATFORM = 'platform="tiktok"';
const RUN: Minutes = 15;

/** What a service gives Prometheus at a moment; null if it does not answer. */
function exposition(job: Job, now: Minutes, incident: Incident | null, since: Minutes): string | null {
  const broken = (...names: Incident[]) => incident !== null && names.includes(incident);
  if (broken(`the ${job}` as Incident) || (job === 'earnings' && broken('the earnings service'))) return null;
  const samples = PLAYED[job]({ now, for: incident ? now - since : 0, since, broken });
  return samples.map(([name, labels, value]) => `${name}{service="${job}"${labels && `,${labels}`}} ${value}\n`).join('');
} // prettier-ignore

interface Moment {
  now: Minutes;
  /** How long it has been broken. */
  for: Minutes;
  since: Minutes;
  broken: (...names: Incident[]) => boolean;
}

const PLAYED: Record<Job, (moment: Moment) => Sample[]> = {
  monitor: monitorAt,
  earnings: earningsAt,
  scraper: () => [
    ['process_start_time_seconds', '', 1],
    ['cliptally_apify_usage_age_seconds', '', 60],
  ],
  relay: () => [['process_start_time_seconds', '', 1]],
  cluster: ({ broken }) => [
    ['kubelet_volume_stats_available_bytes', 'namespace="cliptally",persistentvolumeclaim="data"', broken('a full disk') ? 1 : 50],
    ['kubelet_volume_stats_capacity_bytes', 'namespace="cliptally",persistentvolumeclaim="data"', 100],
    ['certmanager_certificate_expiration_timestamp_seconds', 'namespace="cliptally",name="postgres"', Date.now() / 1_000 + (broken('an expired certificate') ? -60 : 60 * 86_400)],
  ],
}; // prettier-ignore

/** Scrapes end while all of these work; requests are made while the scheduler can append. */
const scraping = ({ broken }: Moment) =>
  !broken('NATS', 'PostgreSQL', 'KurrentDB', 'the scraper', 'the relay', 'a full disk', 'an expired certificate'); // prettier-ignore
const appending = ({ broken }: Moment) =>
  !broken('PostgreSQL', 'KurrentDB', 'the scheduler', 'a full disk', 'an expired certificate');

function monitorAt(moment: Moment): Sample[] {
  const { now, broken, since } = moment;
  const database = !broken('PostgreSQL', 'an expired certificate');
  const up: Sample[] = [
    ['process_start_time_seconds', '', 1],
    ['cliptally_database_up', '', database ? 1 : 0],
    ['cliptally_log_up', '', database && !broken('KurrentDB') ? 1 : 0],
  ];
  if (!database) return up;
  const lastScrape = scraping(moment) ? now : since;
  const lastRun = Math.floor((appending(moment) ? now : since) / RUN) * RUN;
  // A run is scraped within its first minute.
  const done = lastScrape >= lastRun + 1;
  const failing = broken('the source');
  const inRun = (ended: boolean) => (done && ended ? 20 : 0);
  const open = done ? 0 : 20;
  const waited = scraping(moment) || done ? 0 : (now - lastRun) * 60;
  const grown = (from: Minutes, to: Minutes) => Math.floor(Math.max(0, to - from) / RUN) * 20;
  return [
    ...up,
    ['cliptally_looks_total', `${PLATFORM},result="recorded"`, grown(0, failing ? since : lastScrape)],
    ['cliptally_looks_total', `${PLATFORM},result="source_failed"`, failing ? grown(since, now) : 0],
    ['cliptally_recent_attempts', `${PLATFORM},result="recorded"`, failing ? Math.max(0, 50 - 20 * Math.ceil((now - since) / RUN)) : 50],
    ['cliptally_recent_attempts', `${PLATFORM},result="source_failed"`, failing ? Math.min(50, 20 * Math.ceil((now - since) / RUN)) : 0],
    ['cliptally_outstanding_looks', PLATFORM, open],
    ['cliptally_oldest_outstanding_look_seconds', '', waited],
    ['cliptally_world_timestamp_seconds', '', now * 60],
    ['cliptally_last_run_timestamp_seconds', '', lastRun * 60],
    ['cliptally_last_run_requested_looks', '', 20],
    ['cliptally_last_run_recorded_looks', '', inRun(!failing)],
    ['cliptally_last_run_failed_looks', '', inRun(failing)],
    ['cliptally_last_run_duration_seconds', '', done ? 60 : 0],
    ['cliptally_last_run_due_clips', '', 5],
    ['cliptally_run_interval_seconds', '', RUN * 60],
    ['cliptally_campaigns', 'status="ACTIVE"', 3],
    ...['overspend_minor_units', 'ledger_difference_minor_units', 'payouts_paid_twice', 'payouts_beyond_earnings_minor_units', 'settlement_failures_open', 'payout_failures_in_a_row', 'oldest_approved_payout_seconds', 'projection_halted'].map((name): Sample => [`cliptally_${name}`, '', 0]),
    ['cliptally_book_position', '', 1_000],
    ['cliptally_projection_position', 'projection="monitor"', 1_000],
    ['cliptally_log_head_position', '', 1_000],
    ['cliptally_jetstream_up', '', broken('NATS') ? 0 : 1],
    ...(broken('NATS') ? [] : jetStreamAt(moment, waited, open)),
  ];
} // prettier-ignore

const jetStreamAt = ({ broken, ...moment }: Moment, waited: number, open: number): Sample[] => [
  ['cliptally_oldest_unpublished_seconds', '', broken('the relay') ? moment.for * 60 : 0],
  ['cliptally_consumer_pending', 'consumer="scraper-tiktok"', open],
  ['cliptally_consumer_oldest_pending_seconds', 'consumer="scraper-tiktok"', waited],
  ['cliptally_stream_bytes', 'stream="CLIPTALLY"', 10],
  ['cliptally_stream_max_bytes', 'stream="CLIPTALLY"', 100],
];

function earningsAt(moment: Moment): Sample[] {
  const { now, broken, since } = moment;
  const refusing = broken('PostgreSQL', 'KurrentDB', 'a full disk', 'an expired certificate');
  const posts = (from: Minutes, to: Minutes) => Math.floor(Math.max(0, to - from) * 4);
  const database = !broken('PostgreSQL', 'an expired certificate');
  return [
    ['process_start_time_seconds', '', 1],
    ['cliptally_database_up', '', database ? 1 : 0],
    ['cliptally_http_requests_total', 'method="POST",route="/clips",status="2xx"', posts(0, refusing ? since : now)],
    ['cliptally_http_requests_total', 'method="POST",route="/clips",status="5xx"', refusing ? posts(since, now) : 0],
    ['cliptally_projection_position', 'projection="earnings"', 1_000],
    ...(database
      ? ([
          ['cliptally_book_position', '', 1_000],
          ['cliptally_unsettled_campaigns', '', !scraping(moment) && moment.for > 60 ? 1 : 0],
        ] as Sample[])
      : []),
  ];
} // prettier-ignore

/** Serves the expositions, `speed` times as fast as the clock on the wall. */
export class PlayedServices {
  readonly #server: Server;
  readonly #started = performance.now();
  #incident: Incident | null = null;
  #since: Minutes = 0;

  constructor(readonly speed: number) {
    this.#server = createServer((request, response) => {
      const job = request.url!.slice(1) as Job;
      const text = exposition(job, this.now(), this.#incident, this.#since);
      response.writeHead(text === null ? 503 : 200, { 'content-type': 'text/plain' });
      response.end(text ?? '');
    });
  }

  /** A day has gone well before. */
  now(): Minutes {
    return 1_440 + ((performance.now() - this.#started) / 60_000) * this.speed;
  }

  begin(incident: Incident): void {
    this.#since = this.now();
    this.#incident = incident;
  }

  /** From when on somebody could know: the run that a broken scheduler does not start. */
  shown(incident: Incident): Minutes {
    return incident === 'the scheduler' ? Math.ceil(this.#since / RUN) * RUN : this.#since;
  }

  heal(): void {
    this.#incident = null;
  }

  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () =>
        resolve((this.#server.address() as AddressInfo).port),
      ),
    );
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
