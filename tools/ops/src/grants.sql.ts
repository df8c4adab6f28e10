/** Run by the owner of the tables, after every migration and as often as one likes. */
export const GRANTS = `
do $$ begin
  execute format('revoke connect, temporary on database %I from public', current_database());
  execute format('grant connect on database %I to relay, scheduler, scraper, earnings, monitor',
                 current_database());
end $$;

-- Everybody reads the log.
grant usage on schema public to relay, scheduler, scraper, earnings, monitor;
grant select on events, archives, event_store_migrations
  to relay, scheduler, scraper, earnings, monitor;

-- Three write to it, and can only add, through two functions that run as the owner and take
-- nobody's word for a position or a revision.
revoke execute on function append_events, append_to_tails from public;
grant execute on function append_events, append_to_tails to scheduler, scraper, earnings;
revoke insert on events from scheduler, scraper, earnings;

-- Two seal personal texts: earnings for everybody, the scraper for what it sees of clips, and both
-- open what they may seal. Only earnings destroys a key.
grant usage on schema personal to earnings, scraper;
revoke all on personal.keys from earnings, scraper;
grant select, insert, update, delete on personal.keys to earnings;
grant select, insert on personal.keys to scraper;
alter table personal.keys enable row level security;
drop policy if exists of_people on personal.keys;
create policy of_people on personal.keys to earnings using (true) with check (true);
drop policy if exists of_clips on personal.keys;
create policy of_clips on personal.keys to scraper
  using (starts_with(subject, 'clip:')) with check (starts_with(subject, 'clip:'));

-- Three keep projections, which they drop and make anew when their rules change: each owns the
-- schemas that it makes, and sees no other's.
do $$ begin
  execute format('grant create on database %I to scheduler, earnings, monitor', current_database());
end $$;
`;
