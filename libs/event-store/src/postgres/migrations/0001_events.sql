-- Up Migration
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
  data           jsonb not null,
  constraint events_stream_revision unique (stream, revision),
  constraint events_id unique (id)
);

-- Facts do not change. Only the archive may remove events, and it disables this rule on purpose.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The log is append-only: events are neither changed nor removed.';
end $$;
create trigger events_append_only before update or delete or truncate on events execute function refuse_change();

-- Appends the events of one or more requests; each request is appended whole or refused whole.
-- All appends pass one lock, which is released after the commit is visible: positions therefore become visible in
-- order and without gaps, and a reader who has seen position n has seen everything before it. Callers pack many
-- requests into one call, so that the lock costs one turn (and one fsync) for all of them.
-- Every look-up is a LATERAL with LIMIT, which cannot be planned as a scan of the log however stale the statistics; the plan is therefore
-- made once and kept, as making it takes longer than a small append.
create function append_events(
  _request int[], _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data text[]
) returns table (op int, verdict text, last bigint, stands_at bigint, at_position bigint, added int)
language plpgsql set plan_cache_mode = force_generic_plan set jit = off as $$
declare
  _head bigint;
begin
  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into _head from events e;

  return query
  with given as (
    select g.*, there.stream as there_stream, there.revision as there_revision, there.position as there_position,
           max(coalesce(tail.revision, -1)) over (partition by g.op) as tail_revision
    from unnest(_request, _op, _first, _stream, _expected, _id, _type, _version, _time, _correlation, _causation, _data)
         with ordinality as g(request, op, first, stream, expected, id, type, version, time, correlation, causation, data, ord)
    left join lateral (select e.stream, e.revision, e.position from events e where e.id = g.id limit 1) there on true
    left join lateral (select e.revision from events e where g.first and e.stream = g.stream order by e.revision desc limit 1) tail on true
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
