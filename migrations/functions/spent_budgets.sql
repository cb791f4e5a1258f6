-- The one door for what processes that call models hear of budgets: those that stop calls and are spent, each {prompt,
-- label, model, tenant, spentUsd, budgetUsd, leftMs}, model and tenant '' for every one, leftMs until the day of UTC is over.
-- Summed once a second at most, whoever asks; nothing is summed where no budget stops calls. The login of a tenant hears of
-- its own, and of those of all tenants, but not what these have spent: that they have spent it.
create or replace function sluice.spent_budgets() returns jsonb language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare
  own constant text[] := sluice.tenants_of_login();
  today constant timestamptz := date_trunc('day', clock_timestamp(), 'UTC');
  found jsonb;
begin
  if not exists (select from sluice.monitors where spec -> 'stop' = 'true'::jsonb) then return '[]'; end if;
  -- Who comes while another one sums waits for that, and then finds that it has been done.
  update sluice.budget_sums s set summed_at = clock_timestamp(), spent = (
    select coalesce(jsonb_agg(jsonb_build_object('prompt', prompt, 'label', label, 'model', model, 'tenant', tenant,
      'spentUsd', usd, 'budgetUsd', budget) order by prompt, label, model, tenant), '[]')
    from (
      select m.prompt, m.label, m.model, m.tenant, (m.spec ->> 'per_day_usd')::float8 as budget,
        sluice.spent_since(m.prompt, m.label, m.model, m.tenant, today) as usd
      from sluice.monitors m where m.spec -> 'stop' = 'true'::jsonb
    ) sums where usd >= budget)
  where s.one and (s.summed_at < clock_timestamp() - interval '1 second' or s.summed_at < today);
  select s.spent into found from sluice.budget_sums s where s.one;
  return (
    select coalesce(jsonb_agg(b || jsonb_build_object(
      'spentUsd', case when own is null or b ->> 'tenant' <> '' then b -> 'spentUsd' else b -> 'budgetUsd' end,
      'leftMs', greatest(0, extract(epoch from today + interval '1 day' - clock_timestamp()) * 1000)::float8)), '[]')
    from jsonb_array_elements(found) b
    where own is null or b ->> 'tenant' = '' or b ->> 'tenant' = any (own));
end $$;
-- With its owner's rights: a service may call it, and reads nothing else of what calls have cost.
revoke all on function sluice.spent_budgets() from public;
