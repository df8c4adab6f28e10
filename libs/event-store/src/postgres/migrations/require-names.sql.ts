/** The function that refuses streams of other categories, as a migration makes it anew. */
export const requireNames = (categories: readonly string[]): string => `
create or replace function require_names(_stream text[], _type text[]) returns void
language plpgsql set search_path = pg_catalog set plan_cache_mode = force_generic_plan as $$
declare
  _odd text;
begin
  select s into _odd from unnest(_stream) s where length(s) > 200
    or s !~ '^(${categories.join('|')})-[!-~]+$'
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
`;
