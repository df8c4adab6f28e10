import { HOME, RIGHTS, SPOKEN, USERS, accountOf, type User } from './nats-rights.js';

const ACCOUNTS = [...new Set(USERS.map(accountOf))];

/** The text of deploy/nats/users.conf. */
export function usersConf(): string {
  return `# Who may say and hear what, made by generate.mjs. Each service is an account: what it publishes,
# and the answers to what it asks, reach nobody else. Only ${HOME} has JetStream, and lets in and out
# what is listed. The scheduler has no user: it only writes to the log.
accounts {
${ACCOUNTS.map(account).join('\n')}
}
`;
}

function account(name: string): string {
  const users = USERS.filter((user) => accountOf(user) === name);
  const parts = [
    ...(name === HOME ? ['    jetstream: enabled'] : []),
    `    users: [\n${users.map(userOf).join('\n')}\n    ]`,
    block('exports', exportsOf(name)),
    block('imports', name === HOME ? [] : users.flatMap(importsOf)),
  ];
  return `  ${name} {\n${parts.filter(Boolean).join('\n')}\n  }`;
}

const block = (name: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `    ${name}: [\n${lines.map((line) => `      ${line}`).join('\n')}\n    ]`;

function userOf(user: User): string {
  const { asks, pulls, says, hears } = RIGHTS[user];
  return `      {
        user: ${user}
        password: $${user.toUpperCase()}_PASSWORD
        permissions: {
          publish: [
${[...says, ...asks, ...pulls].map((subject) => `            ${quoted(subject)}`).join('\n')}
          ]
          subscribe: [${[...hears, `_INBOX_${user}.>`].map(quoted).join(', ')}]
        }
      }`;
}

/** What an account lets out: what it says, and of JetStream what others may ask it. */
function exportsOf(name: string): string[] {
  const spoken = SPOKEN.filter(({ by }) => accountOf(by) === name).map(
    ({ subject }) =>
      `{ stream: ${quoted(subject)}, accounts: ${list(hearersOf(subject).map(accountOf))} }`,
  );
  if (name !== HOME) return spoken;
  const guests = USERS.filter((user) => accountOf(user) !== HOME);
  const asked = [
    ...new Set(guests.flatMap((user) => [...RIGHTS[user].asks, ...RIGHTS[user].pulls])),
  ];
  return [
    ...spoken,
    ...asked.map((subject) => {
      const askers = guests.filter((user) => subjectsOf(user).includes(subject));
      const many = askers.some((user) => RIGHTS[user].pulls.includes(subject));
      const kind = many ? ', response_type: stream' : '';
      return `{ service: ${quoted(subject)}${kind}, accounts: ${list(askers.map(accountOf))} }`;
    }),
  ];
}

function importsOf(user: User): string[] {
  const received = SPOKEN.filter(({ subject }) => RIGHTS[user].hears.includes(subject));
  return [
    ...received.map(
      ({ subject, by }) => `{ stream: { account: ${accountOf(by)}, subject: ${quoted(subject)} } }`,
    ),
    ...subjectsOf(user).map(
      (subject) => `{ service: { account: ${HOME}, subject: ${quoted(subject)} } }`,
    ),
  ];
}

const hearersOf = (subject: string) => USERS.filter((user) => RIGHTS[user].hears.includes(subject));
const subjectsOf = (user: User) => [...RIGHTS[user].asks, ...RIGHTS[user].pulls];
const quoted = (subject: string) => `"${subject}"`;
const list = (names: readonly string[]) => `[${names.join(', ')}]`;
