-- Up Migration
-- Where the streams stand is read before the lock is taken, so that it costs nobody else any time; under the lock is no more than the insert. What
-- another process wrote in between, and an id that is there already, the unique keys refuse, and the caller has append_events judge. A tail
-- that was read can only have grown, so nothing can leave a gap. append_plainly stays for writers of the version before.

-- Appends everything and gives the position before it and the revision before it of each stream; or, where a stream is not where it is expected, appends
-- nothing and gives no row; or is refused by a unique key. Each stream is named once. `_op` counts them from 1, and `_nth` the events of each from 1.
create function append_optimistically(
  _streams text[], _expected bigint[],
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql set plan_cache_mode = force_generic_plan set jit = off as $$
begin
  lasts := array(
    select coalesce((select e.revision from events e where e.stream = s.stream order by e.revision desc limit 1), -1)
    from unnest(_streams) with ordinality s(stream, nth) order by s.nth);
  if not (select bool_and(g.expected = -2 or g.expected = g.last or g.expected = -4 and g.last >= 0) from unnest(_expected, lasts) g(expected, last)) then
    return;
  end if;

  perform pg_advisory_xact_lock(hashtext('cliptally.events'), 0);
  select coalesce(max(e.position), 0) into head from events e;
  insert into events (position, stream, revision, id, type, version, time, correlation_id, causation_id, data)
  select head + g.ord, g.stream, lasts[g.op] + g.nth, g.id, g.type, g.version, g.time, g.correlation, g.causation, g.data
  from unnest(_op, _nth, _stream, _id, _type, _version, _time, _correlation, _causation, _data)
       with ordinality as g(op, nth, stream, id, type, version, time, correlation, causation, data, ord);
  perform pg_notify('cliptally_events', '');
  return next;
end $$;
