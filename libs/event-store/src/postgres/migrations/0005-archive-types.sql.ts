/**
 * Each type of event has an age of its own at which it is archived: a file says which types it has,
 * and the same positions may be in several. The default is what every file had before.
 */
export const ARCHIVE_TYPES = `
alter table archives add column types text[] collate "C" not null default
  '{TrackingRunStarted,ClipTrackingRequested,ScrapeBatchStarted,ScrapeBatchCompleted}';
alter table archives drop constraint archives_pkey, drop constraint archives_last_position_key;
alter table archives add primary key (first_position, types),
  add constraint archives_last unique (last_position, types);

create or replace function refuse_change_but_archiving() returns trigger language plpgsql as $$
begin
  if old.data is not null and new.data is null
    and new.correlation_id = '' and new.causation_id = ''
    and (new.position, new.stream, new.revision, new.id, new.type, new.version, new.time)
      = (old.position, old.stream, old.revision, old.id, old.type, old.version, old.time)
    and exists (select from archives a
                where old.position between a.first_position and a.last_position
                  and old.type = any (a.types))
  then
    return new;
  end if;
  raise exception 'The log is append-only: events are neither changed nor removed.';
end $$;
`;
