/**
 * A role appends the types of events that `append_rights` names, each to streams of its category.
 * Roles that may be the owner append everything, and so do all while nothing is named yet.
 */
export const APPEND_RIGHTS = `
create table append_rights (
  role   name not null,
  type   text collate "C" not null,
  -- What the names of its streams begin with.
  prefix text collate "C" not null,
  primary key (role, type)
);

alter function append_events(int[], int[], boolean[], text[], bigint[], uuid[], text[], smallint[],
  timestamptz[], text[], text[], text[]) rename to append_events_of_any_role;
alter function append_to_tails(text[], bigint[], int[], bigint, int[], int[], text[], uuid[],
  text[], smallint[], timestamptz[], text[], text[], jsonb[]) rename to append_to_tails_of_any_role;

-- Their settings are those of the functions around them: each one costs every call some time.
alter function append_events_of_any_role security invoker reset all;
alter function append_to_tails_of_any_role security invoker reset all;

-- session_user is who has logged in, whatever runs as the owner since.
create function refuse_unless_owner(_types text[], _streams text[]) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  _odd record;
begin
  select t.type, t.stream into _odd from unnest(_types, _streams) as t(type, stream)
  left join append_rights r on r.role = session_user and r.type = t.type
  where starts_with(t.stream, r.prefix) is not true limit 1;
  if found and not pg_has_role(session_user, current_user, 'usage')
    and exists (select from append_rights) then
    raise exception 'The role "%" may not append % to the stream "%".',
      session_user, left(_odd.type, 64), left(_odd.stream, 100)
      using errcode = 'insufficient_privilege',
            hint = 'docs/rights.md lists what each role appends.';
  end if;
end $$;

create function append_events(
  _request int[], _op int[], _first boolean[], _stream text[], _expected bigint[],
  _id uuid[], _type text[], _version smallint[], _time timestamptz[],
  _correlation text[], _causation text[], _data text[]
) returns table (
  op int, verdict text, last bigint, stands_at bigint, at_position bigint, added int
)
language plpgsql security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  perform refuse_unless_owner(_type, _stream);
  return query select a.* from append_events_of_any_role(_request, _op, _first, _stream, _expected,
    _id, _type, _version, _time, _correlation, _causation, _data) a;
end $$;

create function append_to_tails(
  _streams text[], _expected bigint[], _known int[], _seen bigint,
  _op int[], _nth int[], _stream text[], _id uuid[], _type text[], _version smallint[],
  _time timestamptz[], _correlation text[], _causation text[], _data jsonb[]
) returns table (head bigint, lasts int[])
language plpgsql security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
begin
  perform refuse_unless_owner(_type, _stream);
  return query select a.* from append_to_tails_of_any_role(_streams, _expected, _known, _seen, _op,
    _nth, _stream, _id, _type, _version, _time, _correlation, _causation, _data) a;
end $$;

revoke execute on function refuse_unless_owner, append_events, append_to_tails,
  append_events_of_any_role, append_to_tails_of_any_role from public;
-- Grants stay with a function that is renamed.
do $$ declare _grantee name; begin
  for _grantee in
    select distinct grantee from information_schema.routine_privileges
    where routine_name in ('append_events_of_any_role', 'append_to_tails_of_any_role')
      and grantee <> current_user
  loop
    execute format('grant execute on function append_events, append_to_tails to %1$I;
      revoke execute on function append_events_of_any_role, append_to_tails_of_any_role from %1$I',
      _grantee);
  end loop;
end $$;
`;
