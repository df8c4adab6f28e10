-- Up Migration
-- A service's role can add events only through append_events and append_to_tails, which now run as the owner of the tables: no role needs to
-- insert by itself. Positions and revisions come from the functions alone, whatever their arguments say. Without this, one event at a position or
-- revision near the end of its type, at an infinite time, or of a stream or type that no subject can have, made every later append, reader or the relay fail.
-- The constraints hold for new rows; nothing is read to add them. Names are checked once for a stream and a call: for each row it takes too long.
set local lock_timeout = '5s';

alter table events
  add constraint events_place check (position between 1 and 9007199254740991 and revision between 0 and 2147483646 and version >= 1) not valid,
  add constraint events_time check (time >= '1970-01-01 00:00:00+00' and time < '10000-01-01 00:00:00+00') not valid,
  add constraint events_causes check (octet_length(correlation_id) <= 200 and octet_length(causation_id) <= 200) not valid,
  add constraint events_data check (jsonb_typeof(data) = 'object') not valid;

-- Refuses names that no subject or header can have: of the streams that are new, and of the types of events.
create function require_names(_stream text[], _type text[]) returns void language plpgsql set search_path = pg_catalog set plan_cache_mode = force_generic_plan as $$
declare
  _odd text;
begin
  select s into _odd from unnest(_stream) s where length(s) > 200
    or s !~ '^(campaign|clip|tracking-run|payout|scrape-batch|source-usage|short-link|unique-payout-id|creator)-[!-~]+$' limit 1;
  if found then
    raise exception 'No stream can be named "%".', left(_odd, 100) using errcode = 'invalid_parameter_value';
  end if;
  select t into _odd from (select distinct t collate "C" as t from unnest(_type) t) types where t !~ '^[A-Za-z]{1,64}$' limit 1;
  if found then
    raise exception 'No event can be of the type "%".', left(_odd, 100) using errcode = 'invalid_parameter_value';
  end if;
end $$;

-- As in 0001, but for: it runs as the owner; and the tail is looked up for every event instead of where `_first` says so, so that an op can neither
-- hide its stream's tail nor borrow another one's.
create or replace function append_events(
  _request int[], _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data text[]
) returns table (op int, verdict text, last bigint, stands_at bigint, at_position bigint, added int)
language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  _head bigint;
begin
  perform require_names(array(select distinct s from unnest(_stream) s), _type);
  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into _head from events e;

  return query
  with given as (
    select g.*, there.stream as there_stream, there.revision as there_revision, there.position as there_position,
           coalesce(tail.revision, -1) as tail_revision
    from unnest(_request, _op, _stream, _expected, _id, _type, _version, _time, _correlation, _causation, _data)
         with ordinality as g(request, op, stream, expected, id, type, version, time, correlation, causation, data, ord)
    left join lateral (select e.stream, e.revision, e.position from events e where e.id = g.id limit 1) there on true
    left join lateral (select e.revision from events e where e.stream = g.stream order by e.revision desc limit 1) tail on true
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
    select j.*, bool_or(j.judgement in ('taken', 'conflict')) over (partition by j.request) as refused from judged j
  ), placed as (
    select d.*, not d.refused and d.there_stream is null as fresh from decided d
  ), numbered as materialized (
    select p.*,
           p.tail_revision + count(*) filter (where p.fresh) over (partition by p.stream order by p.ord) as new_revision,
           _head + count(*) filter (where p.fresh) over (order by p.ord) as new_position
    from placed p
  ), written as (
    insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
    select n.new_position, n.stream, n.new_revision, n.id, n.type, n.version, n.time, n.correlation, n.causation, n.data::jsonb
    from numbered n where n.fresh order by n.ord
  )
  select n.op, min(n.judgement), max(n.tail_revision)::bigint,
         max(coalesce(n.there_revision, n.new_revision))::bigint, max(coalesce(n.there_position, n.new_position))::bigint,
         (count(*) filter (where n.fresh))::int
  from numbered n group by n.op order by n.op;

  perform pg_notify('cliptally_events', '');
end $$;

-- As in 0005, but for: it runs as the owner; a known tail is one only if the stream has it; and the events of each stream must be counted from 1 without
-- a gap, or nothing is appended and an error says so.
create or replace function append_to_tails(
  _streams text[], _expected bigint[], _known int[], _seen bigint,
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  if not coalesce(
    (select bool_and(e.nth = case when e.op = e.before then e.nth_before + 1 else 1 end and (e.op < e.before) is not true)
     from (select g.op, g.nth, lag(g.op) over () as before, lag(g.nth) over () as nth_before from unnest(_op, _nth) as g(op, nth)) e)
    and (select bool_and(g.stream = s.stream) from unnest(_op, _stream) as g(op, stream) left join unnest(_streams) with ordinality as s(stream, op) on s.op = g.op), false)
  then
    raise exception 'The events of an append do not belong to its streams one after the other.' using errcode = 'invalid_parameter_value';
  end if;

  lasts := array(
    select coalesce(
      (select e.revision from events e where e.stream = s.stream and e.revision = s.known),
      (select e.revision from events e where e.stream = s.stream order by e.revision desc limit 1), -1)
    from unnest(_streams, _known) with ordinality s(stream, known, nth) order by s.nth);
  if not (select bool_and(g.expected = -2 or g.expected = g.last or g.expected = -4 and g.last >= 0) from unnest(_expected, lasts) g(expected, last)) then
    return;
  end if;
  perform require_names(array(select s.stream from unnest(_streams, lasts) s(stream, last) where s.last = -1), _type);

  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into head from events e;
  if head < _seen then
    return;
  end if;
  insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
  select head + g.ord, g.stream, lasts[g.op] + g.nth, g.id, g.type, g.version, g.time, g.correlation, g.causation, g.data
  from unnest(_op, _nth, _stream, _id, _type, _version, _time, _correlation, _causation, _data)
       with ordinality as g(op, nth, stream, id, type, version, time, correlation, causation, data, ord);
  perform pg_notify('cliptally_events', '');
  return next;
end $$;

-- Those of two and more versions before append nothing any more and say so in their own words, and their callers then ask append_events.
create or replace function append_plainly(
  _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[]) language sql as 'select null::bigint, null::int[] where false';
create or replace function append_optimistically(
  _streams text[], _expected bigint[],
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[]) language sql as 'select null::bigint, null::int[] where false';

revoke execute on function require_names, append_events, append_to_tails from public;
