import type * as answers from '@cliptally/contracts/api';
import type { z } from 'zod';

/**
 * The routes of the API that the console asks, and the name of the answer in `contracts/api`
 * (`Clip` is `ClipAnswer`). A test compares them with the API's own document.
 */
export const ROUTES = {
  'GET /campaigns': 'Campaigns',
  'POST /campaigns': 'Campaign',
  'POST /campaigns/preview': 'CampaignPreview',
  'GET /campaigns/{id}': 'Campaign',
  'POST /campaigns/{id}/top-up': 'Campaign',
  'POST /campaigns/{id}/pause': 'Campaign',
  'POST /campaigns/{id}/resume': 'Campaign',
  'POST /campaigns/{id}/end': 'Campaign',
  'POST /campaigns/{id}/visibility': 'Campaign',
  'GET /campaigns/{id}/leaderboard': 'Leaderboard',
  'GET /brands/{id}/funding': 'Funding',
  'GET /catalogue': 'Catalogue',
  'GET /catalogue/{id}': 'CatalogueEntry',
  'GET /campaigns/{id}/close-out': 'CloseOut',
  'GET /campaigns/{id}/statement': 'Statement',
  'GET /clips': 'Clips',
  'GET /clips/counts': 'ClipCounts',
  'GET /clips/{id}': 'Clip',
  'GET /clips/{id}/observations': 'Observations',
  'GET /clips/{id}/statement': 'Statement',
  'POST /clips/preview': 'ClipPreview',
  'POST /clips': 'Clip',
  'POST /clips/reviews': 'ClipReviews',
  'POST /clips/{id}/approve': 'Clip',
  'POST /clips/{id}/reject': 'Clip',
  'POST /clips/{id}/hold': 'Clip',
  'POST /clips/{id}/release': 'Clip',
  'POST /clips/{id}/restore': 'Clip',
  'POST /clips/{id}/appeal': 'Clip',
  'POST /clips/{id}/appeal/answer': 'Clip',
  'POST /clips/{id}/move': 'Clip',
  'POST /clips/{id}/reverse': 'Clip',
  'GET /short-links': 'ShortLinks',
  'GET /short-links/{id}': 'ShortLink',
  'POST /short-links/{id}/resolve': 'ShortLink',
  'POST /short-links/{id}/refuse': 'ShortLink',
  'GET /creators/{id}/balance': 'Balances',
  'GET /creators/{id}/statement': 'Statement',
  'GET /creators/{id}/payout-account': 'PayoutAccount',
  'POST /creators/{id}/payout-account': 'PayoutAccount',
  'POST /creators/{id}/payments': 'Payout',
  'POST /brands/{id}/funding': 'Funding',
  'POST /brands/{id}/funding/refunds': 'Funding',
  'POST /brands/{id}/funding/refunds/undo': 'Funding',
  'POST /creators/{id}/erase': 'Erasure',
  'GET /creators/{id}/accounts': 'Accounts',
  'POST /creators/{id}/accounts': 'Account',
  'GET /accounts': 'Accounts',
  'POST /accounts/{id}/verify': 'ScrapeRequest',
  'POST /accounts/{id}/confirm': 'Account',
  'POST /accounts/{id}/release': 'Account',
  'GET /payouts': 'Payouts',
  'GET /payouts/{id}': 'Payout',
  'POST /payouts': 'Payout',
  'POST /payouts/transfers.csv': 'Transfers',
  'POST /payouts/{id}/approve': 'Payout',
  'POST /payouts/{id}/reject': 'Payout',
  'POST /payouts/{id}/paid': 'Payout',
  'POST /payouts/{id}/failed': 'Payout',
  'GET /creators/{id}/statement/{line}/why': 'Why',
  'GET /campaigns/{id}/statement/{line}/why': 'Why',
  'GET /events': 'Events',
  'GET /events/{position}': 'EventTrace',
  'GET /campaigns/{id}/at/{position}': 'CampaignAt',
  'GET /clips/{id}/at/{position}': 'ClipAt',
  'GET /exports/years/{year}/creators': 'CreatorYears',
  'GET /scrape-budget': 'ScrapeBudget',
  'GET /failed-scrapes': 'FailedScrapes',
  'POST /failed-scrapes/retry': 'RetriedScrapes',
  'POST /failed-scrapes/{id}/retry': 'ScrapeRequest',
  'POST /failed-scrapes/{id}/confirm': 'Clip',
  'POST /webhook-endpoints': 'WebhookSecret',
  'GET /webhook-endpoints': 'WebhookEndpoints',
  'GET /webhook-endpoints/{id}': 'WebhookEndpoint',
  'POST /webhook-endpoints/{id}/change': 'WebhookEndpoint',
  'POST /webhook-endpoints/{id}/delete': 'WebhookEndpointDeleted',
  'POST /webhook-endpoints/{id}/disable': 'WebhookEndpoint',
  'POST /webhook-endpoints/{id}/enable': 'WebhookEndpoint',
  'POST /webhook-endpoints/{id}/rotate': 'WebhookSecret',
  'POST /webhook-endpoints/{id}/test': 'WebhookDelivery',
  'POST /webhook-endpoints/{id}/replay': 'WebhookReplay',
  'GET /webhook-endpoints/{id}/deliveries': 'WebhookDeliveries',
} as const satisfies Record<string, AnswerName>;

type AnswerName = keyof typeof answers extends infer K
  ? K extends `${infer Name}Answer`
    ? Name
    : never
  : never;

export type Route = keyof typeof ROUTES;
export type GetRoute = Extract<Route, `GET ${string}`>;
export type PostRoute = Extract<Route, `POST ${string}`>;

/** What a route answers. */
export type Answer<R extends Route> =
  (typeof answers)[`${(typeof ROUTES)[R]}Answer`] extends infer S
    ? S extends z.ZodType
      ? z.infer<S>
      : never
    : never;

/** Routes that answer page by page, with the cursor of the next one. */
export type PagedRoute = {
  [R in GetRoute]: Answer<R> extends { next: string | null } ? R : never;
}[GetRoute];
export type Item<R extends PagedRoute> =
  Answer<R> extends { items: (infer T)[] }
    ? T
    : Answer<R> extends { lines: (infer T)[] }
      ? T
      : never;
