-- What calls of a prompt under a label have cost since a moment, in US dollars, by what they have recorded as cost_usd;
-- of one model and one tenant where they are not ''.
create or replace function sluice.spent_since(prompt text, label text, model text, tenant text, since timestamptz)
  returns double precision language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum(u.n * u.mean), 0)::float8
  from sluice.versions v
  join sluice.usage u on u.version_id = v.id and u.hour >= since and u.metric = 'cost_usd' and u.label = $2
    and ($3 = '' or u.model = $3) and ($4 = '' or u.tenant = $4)
  where v.prompt = $1
$$;
