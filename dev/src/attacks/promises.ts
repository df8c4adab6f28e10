/** What SECURITY.md promises, by a short name; each has an attack that tries to break it. */
export const PROMISES = {
  'known-callers': 'Who has no token of ours, for us, and not over, learns nothing and changes nothing.',
  'own-things': 'A caller sees and changes what its role and its id allow, on every route of the API.',
  'own-pages': "The operators' page, `/status`, the live stream and `/metrics` are for operators.",
  'sound-start': 'In production nothing starts with a secret that everybody knows, keys over http, a foreign clock, Stripe over http or a password in plain text.',
  'one-reading': 'A request has one reading: no second one hides in its body, its keys or the spelling of its path.',
  'bounded': 'What a caller sends is bounded: bodies, depth, submissions that wait, requests at once.',
  'no-errands': 'No address that a caller gives makes the system ask its own network.',
  'inert-text': 'Text is text: in tables, spreadsheets, pages, logs and terminals.',
  'signed-hints': 'Webhooks of others count only as they signed them, not long ago, and once.',
  'right-account': 'A payout goes where its creator wanted it when it was asked for, and waits if that was changed.',
  'funded-budgets': 'A brand promises creators no more than it has paid in, and keeps nothing that they have earned with others.',
  'own-voice': 'Nobody speaks for a part of the system: only Stripe says how its transfers ended.',
  'own-subjects': 'A service says, hears and stores what it needs alone, in NATS and in PostgreSQL.',
  'forgotten': 'Who is erased stands nowhere any more: no table, message, export, archive, log line or backup of the log.',
  'known-parts': 'What is taken from others is known to the byte, and licensed to us.',
  'log-alone': 'What happened is what the log says: a message that is not in it changes nothing and stops nobody.',
  'figures': 'A row that a source makes up is no figure, or no more than a figure.',
} as const; // prettier-ignore
export type Promise = keyof typeof PROMISES;
