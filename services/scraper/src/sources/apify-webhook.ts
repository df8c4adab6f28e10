/** Sent with each webhook, so that the receiver knows that we asked for it. */
const WEBHOOK_SECRET_HEADER = 'x-cliptally-webhook-secret';

const END_EVENTS = [
  'ACTOR.RUN.SUCCEEDED',
  'ACTOR.RUN.FAILED',
  'ACTOR.RUN.TIMED_OUT',
  'ACTOR.RUN.ABORTED',
] as const;

/** What a start asks Apify to call when the run has ended. */
export const askedWebhook = ({ url, secret }: { url: string; secret: string }) => ({
  eventTypes: END_EVENTS,
  requestUrl: url,
  headersTemplate: JSON.stringify({ [WEBHOOK_SECRET_HEADER]: secret }),
});
