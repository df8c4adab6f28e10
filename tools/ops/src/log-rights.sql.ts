import { EVENTS } from '@cliptally/contracts';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { APPENDS, READS } from './log-rights.js';

/** Brings what roles append and read of the log to what the tables of rights say. */
export const logRights = (): string => `
delete from append_rights;
insert into append_rights (role, type, prefix) values
${Object.entries(APPENDS)
  .flatMap(([role, types]) =>
    types.map(
      (type) => `(${[role, type, `${EVENTS[type].category}-`].map(escapeLiteral).join(', ')})`,
    ),
  )
  .join(',\n')};

-- The owner reads and writes all of it, and so do the functions that append.
do $$ begin
  if not (select relrowsecurity from pg_class where oid = 'events'::regclass) then
    alter table events enable row level security;
  end if;
end $$;
${Object.entries(READS)
  .map(
    ([role, reads]) => `drop policy if exists ${escapeIdentifier(`${role} reads`)} on events;
create policy ${escapeIdentifier(`${role} reads`)} on events for select to ${escapeIdentifier(role)}
  using (${condition(reads)});`,
  )
  .join('\n')}
`;

function condition(reads: (typeof READS)[keyof typeof READS]): string {
  if (!reads || reads === 'everything') return String(reads !== undefined);
  return 'types' in reads
    ? `type = any (array[${reads.types.map(escapeLiteral).join(', ')}])`
    : `stream ^@ any (array[${reads.categories.map((one) => escapeLiteral(`${one}-`)).join(', ')}])`;
}
