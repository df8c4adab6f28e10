-- Up Migration
-- Whoever wrote to a stream lately knows where it stands, and need not ask. append_optimistically stays for writers of the version before.

-- As append_optimistically, but a tail is looked up only where `_known` has none. A known tail is one that the stream has had: since
-- then it can only have grown, and then the unique key refuses. `_seen` is a position that the caller has seen: a log that ends before it was set back,
-- and there nothing is known. Appends nothing and gives no row there, and where a stream is not where it is expected.
create function append_to_tails(
  _streams text[], _expected bigint[], _known int[], _seen bigint,
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[], _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql set plan_cache_mode = force_generic_plan set jit = off as $$
begin
  lasts := array(
    select coalesce(s.known, (select e.revision from events e where e.stream = s.stream order by e.revision desc limit 1), -1)
    from unnest(_streams, _known) with ordinality s(stream, known, nth) order by s.nth);
  if not (select bool_and(g.expected = -2 or g.expected = g.last or g.expected = -4 and g.last >= 0) from unnest(_expected, lasts) g(expected, last)) then
    return;
  end if;

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
