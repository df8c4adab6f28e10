/** The log and its archive: tables, and the functions that append. */
export const LOG = `
create table events (
  position       bigint primary key,
  stream         text collate "C" not null,
  revision       integer not null,
  id             uuid not null,
  type           text collate "C" not null,
  version        smallint not null,
  time           timestamptz not null,
  correlation_id text not null,
  causation_id   text not null,
  -- Null if an archive has it.
  data           jsonb,
  constraint events_stream_revision unique (stream, revision),
  constraint events_id unique (id),
  -- Whatever a function is called with, no row may make later appends, readers or the relay fail.
  constraint events_place check (position between 1 and 9007199254740991
    and revision between 0 and 2147483646 and version >= 1),
  constraint events_time check (time >= '1970-01-01 00:00:00+00'
    and time < '10000-01-01 00:00:00+00'),
  constraint events_causes check (octet_length(correlation_id) <= 200
    and octet_length(causation_id) <= 200),
  constraint events_data check (jsonb_typeof(data) = 'object')
);

-- Files that have the data of finished work (tracking runs and batches). The rows stay without
-- data and causes: ids and revisions are unique as before, and an archived event that is appended
-- again is recognised.
create table archives (
  first_position bigint primary key,
  last_position  bigint not null unique,
  folder         text not null,
  file           text not null,
  events         integer not null,
  hash           text not null
);

-- Facts do not change: no row is removed, and an update may only archive.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The log is append-only: events are neither changed nor removed.';
end $$;
create trigger events_append_only before delete or truncate on events
  execute function refuse_change();

create function refuse_change_but_archiving() returns trigger language plpgsql as $$
begin
  if old.data is not null and new.data is null
    and new.correlation_id = '' and new.causation_id = ''
    and (new.position, new.stream, new.revision, new.id, new.type, new.version, new.time)
      = (old.position, old.stream, old.revision, old.id, old.type, old.version, old.time)
    and exists (select from archives a
                where old.position between a.first_position and a.last_position)
  then
    return new;
  end if;
  raise exception 'The log is append-only: events are neither changed nor removed.';
end $$;
create trigger events_archive_only before update on events for each row
  execute function refuse_change_but_archiving();

-- Refuses names that no subject or header can have: of new streams, and of types of events. Not a
-- constraint: once a name and a call is enough, and once a row takes too long.
create function require_names(_stream text[], _type text[]) returns void
language plpgsql set search_path = pg_catalog set plan_cache_mode = force_generic_plan as $$
declare
  _odd text;
begin
  select s into _odd from unnest(_stream) s where length(s) > 200
    or s !~ '^(campaign|clip|tracking-run|payout|scrape-batch|source-usage|short-link|unique-payout-id|submission-day|creator|account)-[!-~]+$'
  limit 1;
  if found then
    raise exception 'No stream can be named "%".', left(_odd, 100)
      using errcode = 'invalid_parameter_value';
  end if;
  select t into _odd from (select distinct t collate "C" as t from unnest(_type) t) types
  where t !~ '^[A-Za-z]{1,64}$' limit 1;
  if found then
    raise exception 'No event can be of the type "%".', left(_odd, 100)
      using errcode = 'invalid_parameter_value';
  end if;
end $$;

-- Appends the events of one or more requests, and answers for each op (one stream of a request):
-- each request is appended whole or refused whole. The caller packs many requests into one call,
-- so that the lock costs one turn and one fsync for all of them.
create function append_events(
  _request int[], _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[],
  _correlation text[], _causation text[], _data text[]
) returns table (
  op int, verdict text, last bigint, stands_at bigint, at_position bigint, added int
)
-- As the owner: a service's role can append, and takes no position or revision from its caller.
language plpgsql security definer set search_path = public, pg_temp
-- Each look-up is a LATERAL with LIMIT, which is no scan of the log however stale the statistics.
-- The plan is made once and kept: making it takes longer than a small append.
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  _head bigint;
begin
  perform require_names(array(select distinct s from unnest(_stream) s), _type);
  -- One lock for all appends, released after the commit is visible: positions become visible in
  -- order and without gaps, and who has seen position n has seen everything before it.
  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into _head from events e;

  return query
  with given as (
    select g.*, there.stream as there_stream, there.revision as there_revision,
           there.position as there_position, coalesce(tail.revision, -1) as tail_revision
    from unnest(_request, _op, _stream, _expected, _id, _type, _version, _time,
                _correlation, _causation, _data)
         with ordinality as g(request, op, stream, expected, id, type, version, time,
                              correlation, causation, data, ord)
    left join lateral (
      select e.stream, e.revision, e.position from events e where e.id = g.id limit 1
    ) there on true
    -- For every event, whatever _first says: an op can neither hide its tail nor borrow another.
    left join lateral (
      select e.revision from events e where e.stream = g.stream order by e.revision desc limit 1
    ) tail on true
  ), counted as (
    select g.*, count(g.there_stream) over ofop as already, count(*) over ofop as total,
           bool_or(g.there_stream <> g.stream) over ofop as taken
    from given g window ofop as (partition by g.op)
  ), judged as (
    select c.*, case
        when c.taken then 'taken'
        when c.already = c.total then 'there'
        when c.expected = -2 then 'append'
        when c.expected = -4 and c.tail_revision >= 0 then 'append'
        when c.expected >= -1 and c.tail_revision - c.already = c.expected then 'append'
        else 'conflict' end as judgement
    from counted c
  ), decided as (
    select j.*,
           bool_or(j.judgement in ('taken', 'conflict')) over (partition by j.request) as refused
    from judged j
  ), placed as (
    select d.*, not d.refused and d.there_stream is null as fresh from decided d
  ), numbered as materialized (
    select p.*,
           p.tail_revision + count(*) filter (where p.fresh)
             over (partition by p.stream order by p.ord) as new_revision,
           _head + count(*) filter (where p.fresh) over (order by p.ord) as new_position
    from placed p
  ), written as (
    insert into events (position, stream, revision, id, type, version, time,
                        correlation_id, causation_id, data)
    select n.new_position, n.stream, n.new_revision, n.id, n.type, n.version, n.time,
           n.correlation, n.causation, n.data::jsonb
    from numbered n where n.fresh order by n.ord
  )
  select n.op, min(n.judgement), max(n.tail_revision)::bigint,
         max(coalesce(n.there_revision, n.new_revision))::bigint,
         max(coalesce(n.there_position, n.new_position))::bigint,
         (count(*) filter (where n.fresh))::int
  from numbered n group by n.op order by n.op;

  perform pg_notify('cliptally_events', '');
end $$;

-- Appends everything, and returns the position before it and the revision before it of each
-- stream. If a stream is not where it is expected it appends nothing and returns no row; if an id
-- or a revision is there already, a unique key refuses. The caller then asks append_events.
create function append_to_tails(
  _streams text[], _expected bigint[], _known int[], _seen bigint,
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[],
  _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  -- Each stream is named once. _op counts them from 1, and _nth the events of each from 1.
  if not coalesce(
    (select bool_and(e.nth = case when e.op = e.before then e.nth_before + 1 else 1 end
                     and (e.op < e.before) is not true)
     from (select g.op, g.nth, lag(g.op) over () as before, lag(g.nth) over () as nth_before
           from unnest(_op, _nth) as g(op, nth)) e)
    and (select bool_and(g.stream = s.stream) from unnest(_op, _stream) as g(op, stream)
         left join unnest(_streams) with ordinality as s(stream, op) on s.op = g.op), false)
  then
    raise exception 'The events of an append do not belong to its streams one after the other.'
      using errcode = 'invalid_parameter_value';
  end if;

  -- A tail that the caller knows is looked up only if the stream has it: it can only have grown.
  -- All of this is before the lock, so that it costs nobody else any time.
  lasts := array(
    select coalesce(
      (select e.revision from events e where e.stream = s.stream and e.revision = s.known),
      (select e.revision from events e where e.stream = s.stream order by e.revision desc limit 1),
      -1)
    from unnest(_streams, _known) with ordinality s(stream, known, nth) order by s.nth);
  if not (select bool_and(g.expected = -2 or g.expected = g.last
                          or g.expected = -4 and g.last >= 0)
          from unnest(_expected, lasts) g(expected, last)) then
    return;
  end if;
  perform require_names(array(select s.stream from unnest(_streams, lasts) s(stream, last)
                              where s.last = -1), _type);

  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into head from events e;
  -- A log that ends before a position that the caller has seen was set back: nothing is known.
  if head < _seen then
    return;
  end if;
  insert into events (position, stream, revision, id, type, version, time,
                      correlation_id, causation_id, data)
  select head + g.ord, g.stream, lasts[g.op] + g.nth, g.id, g.type, g.version, g.time,
         g.correlation, g.causation, g.data
  from unnest(_op, _nth, _stream, _id, _type, _version, _time, _correlation, _causation, _data)
       with ordinality as g(op, nth, stream, id, type, version, time,
                            correlation, causation, data, ord);
  perform pg_notify('cliptally_events', '');
  return next;
end $$;

revoke execute on function require_names, append_events, append_to_tails from public;
`;
