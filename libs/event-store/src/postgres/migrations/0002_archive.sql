-- Up Migration
-- The data of finished work (tracking runs and batches) may move to files. The rows stay, all but their data and causes: ids and revisions
-- are unique as before, an archived event that is appended again is recognised, and its stream stands where it stood.
-- Every statement here takes a moment whatever the table's size; where it does not get its lock at once, appends do not queue behind it.
set local lock_timeout = '5s';

create table archives (
  first_position bigint primary key,
  last_position  bigint not null unique,
  folder         text not null,
  file           text not null,
  events         integer not null,
  hash           text not null
);

alter table events alter column data drop not null;

drop trigger events_append_only on events;
create trigger events_append_only before delete or truncate on events execute function refuse_change();

create function refuse_change_but_archiving() returns trigger language plpgsql as $$
begin
  if old.data is not null and new.data is null and new.correlation_id = '' and new.causation_id = ''
    and (new.position, new.stream, new.revision, new.id, new.type, new.version, new.time)
      = (old.position, old.stream, old.revision, old.id, old.type, old.version, old.time)
    and exists (select from archives a where old.position between a.first_position and a.last_position)
  then
    return new;
  end if;
  raise exception 'The log is append-only: events are neither changed nor removed.';
end $$;
create trigger events_archive_only before update on events for each row execute function refuse_change_but_archiving();
