import { ROLES as API_ROLES } from '@cliptally/contracts/api';
import { REACH } from '@cliptally/earnings';
import { BUCKETS } from '@cliptally/messaging';
import { APPENDS, READS, ROLES } from '@cliptally/ops';
import { RIGHTS, USERS, accountOf, type Rights } from './nats-rights.js';

/** The text of docs/rights.md. */
export function rightsDocument(): string {
  return `# Who may what: services, and callers of the API

Made by \`node deploy/nats/generate.mjs\` from \`dev/src/deploy/nats-rights.ts\` and
\`tools/ops/src/log-rights.ts\`; change it there. Tests try each line, and that everything else is refused, on a real server
(\`dev/src/deploy/nats-rights.int.spec.ts\`). Why it is so: [decision 32](decisions/0032-between-services.md).

## NATS: subjects

A user is an account of its own, so that its messages and the answers to its requests reach nobody
else; relay and migrate share the account that has JetStream. Each receives its answers on
\`_INBOX_<user>.>\` and no other inbox. The scheduler has no user.

${table(
  ['user', 'account', 'publishes', 'asks JetStream', 'receives'],
  USERS.map((user) => {
    const { asks, pulls, says, hears } = RIGHTS[user];
    return [user, accountOf(user), code(says), code(shortened([...asks, ...pulls])), code(hears)];
  }),
)}

## NATS: buckets

${table(
  ['bucket', ...USERS],
  Object.keys(BUCKETS).map((bucket) => [
    `\`${bucket}\``,
    ...USERS.map((user) => onBucket(RIGHTS[user], bucket)),
  ]),
)}

## PostgreSQL: events

From \`tools/ops/src/log-rights.ts\`, tried by \`tools/ops/src/log-rights.int.spec.ts\`: an append of
another type, or to a stream of another category, is refused by name, and rows of other events are
not there for a role that need not read them.

${table(
  ['role', 'appends', 'reads'],
  ROLES.map((role) => [role, code(APPENDS[role] ?? []), readsOf(READS[role])]),
)}

## PostgreSQL: tables

Each of scheduler, earnings and monitor owns the schemas that it makes, and no other role sees
them: of earnings also \`earnings_webhooks\` (secrets) and \`earnings_people\` (tax profiles). Nobody
but the owner changes or removes an event. \`tools/ops/src/database.int.spec.ts\` tries it.

## API: roles by routes

From \`services/earnings/src/http/docs/reach.ts\`: all of it, the caller's own only, or nothing.
\`services/earnings/src/http/access.int.spec.ts\` asks every route as every role, and fails for a route
that is not here.

${table(
  ['route', ...API_ROLES],
  Object.entries(REACH).map(([route, of]) => [
    `\`${route}\``,
    ...API_ROLES.map((role) => (of[role] === 'no' ? '-' : of[role])),
  ]),
)}
`;
}

function readsOf(reads: (typeof READS)[keyof typeof READS]): string {
  if (!reads) return '-';
  if (reads === 'everything') return reads;
  return 'types' in reads
    ? code(reads.types)
    : `streams ${code(reads.categories.map((category) => `${category}-*`))}`;
}

function onBucket({ asks }: Rights, bucket: string): string {
  const verbs = [
    asks.includes(`$JS.API.STREAM.CREATE.KV_${bucket}`) && 'makes',
    asks.includes(`$JS.API.DIRECT.GET.KV_${bucket}.>`) && 'reads',
    asks.includes(`$KV.${bucket}.>`) && 'writes',
  ].filter(Boolean);
  return verbs.join(', ') || '-';
}

/** Without the prefix that all have, and one line for what differs in a platform or bucket only. */
const shortened = (subjects: readonly string[]): string[] => [
  ...new Set(
    subjects.map((subject) =>
      subject
        .replace('$JS.API.', '')
        .replaceAll(/\b(scraper-)(tiktok|youtube|instagram|x|facebook)\b/g, '$1<platform>')
        .replace(/(ClipTrackingRequested\.)\w+$/, '$1<platform>')
        .replaceAll(/scraper-(counts|batches|days|limits)/g, '<bucket>'),
    ),
  ),
];
const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join('<br>') || '-';
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
