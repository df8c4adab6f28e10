-- Up Migration
-- Nearly every append is plain: no id is there yet, and every stream stands where it is expected. That needs no more than one pass, and its answer is
-- the last revision of each stream. What is not plain is left to append_events, under the same lock. The data are parsed before
-- the lock is taken, as they come as jsonb. append_events stays as it was, also for writers of an older version.
set local lock_timeout = '5s';

-- Appends everything and gives the position before it and the revision before it of each op; or appends nothing and gives no row.
create function append_plainly(
  _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql set plan_cache_mode = force_generic_plan set jit = off as $$
begin
  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into head from events e;

  with given as materialized (
    select g.*, there.position as there, max(coalesce(tail.revision, -1)) over ofop as last, row_number() over ofop as nth
    from unnest(_op, _first, _stream, _expected, _id, _type, _version, _time, _correlation, _causation, _data)
         with ordinality as g(op, first, stream, expected, id, type, version, time, correlation, causation, data, ord)
    left join lateral (select e.position from events e where e.id = g.id limit 1) there on true
    left join lateral (select e.revision from events e where g.first and e.stream = g.stream order by e.revision desc limit 1) tail on true
    window ofop as (partition by g.op order by g.ord)
  ), judged as (
    select bool_and(g.there is null and (g.expected = -2 or g.expected = g.last or g.expected = -4 and g.last >= 0)) as plain,
           array_agg(g.last order by g.op) filter (where g.first) as lasts
    from given g
  ), written as (
    insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
    select head + g.ord, g.stream, g.last + g.nth, g.id, g.type, g.version, g.time, g.correlation, g.causation, g.data
    from given g, judged j where j.plain
  )
  select j.lasts into lasts from judged j where j.plain;

  if lasts is not null then
    perform pg_notify('cliptally_events', '');
    return next;
  end if;
end $$;
