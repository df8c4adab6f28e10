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

-- Three keep projections, which they drop and make anew when their rules change: each owns the
-- schemas that it makes, and sees no other's.
do $$ begin
  execute format('grant create on database %I to scheduler, earnings, monitor', current_database());
end $$;
`;
