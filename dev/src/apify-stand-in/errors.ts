/** What Apify says with a type. */
const MESSAGES: Record<string, string> = {
  'user-or-token-not-found': 'User was not found or authentication token is not valid',
  'token-not-provided': 'Authentication token was not provided',
  'record-not-found': 'The requested resource was not found.',
  'rate-limit-exceeded': 'You have exceeded the rate limit. Please try again later.',
  'platform-feature-disabled': 'Monthly usage hard limit exceeded',
  'not-enough-usage-to-run-paid-actor':
    'By launching this job you will exceed your remaining monthly usage.',
  'run-timeout-exceeded': 'Actor run exceeded the timeout of 300 seconds for this API endpoint',
};

/** The type that stands for a status, if a fault names no other. */
const USUAL_TYPE: Record<number, string> = {
  400: 'invalid-input',
  401: 'user-or-token-not-found',
  402: 'not-enough-usage-to-run-paid-actor',
  403: 'platform-feature-disabled',
  404: 'record-not-found',
  408: 'run-timeout-exceeded',
  429: 'rate-limit-exceeded',
};

/** An answer in Apify's shape: `{error: {type, message}}` under an HTTP status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type = USUAL_TYPE[status] ?? 'internal-server-error',
    message = MESSAGES[type] ?? `The request failed: ${type}`,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}
