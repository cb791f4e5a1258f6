-- Services of one tenant: they see what is live for it and for everybody, and the versions that are named there, and
-- record for it alone. Whoever logs in holds it by a role of their tenant's own, and should hold no other of these.
grant usage on schema sluice to sluice_tenant;
grant select on sluice.pointers, sluice.versions to sluice_tenant;
grant execute on function sluice.record_batch(jsonb), sluice.report_serving(jsonb), sluice.report_callers(jsonb), sluice.spent_budgets(), sluice.tenants_of_login() to sluice_tenant;
insert into sluice.tenant_roles (role) values ('sluice_tenant') on conflict do nothing;
do $$ begin
  if not exists (select from pg_policies where schemaname = 'sluice' and policyname = 'everybody') then
    alter table sluice.pointers enable row level security;
    alter table sluice.versions enable row level security;
    create policy everybody on sluice.pointers using (true);
    create policy everybody on sluice.versions using (true);
  end if;
  if not exists (select from pg_policies where schemaname = 'sluice' and policyname = 'sluice_tenant') then
    create policy sluice_tenant on sluice.pointers as restrictive to sluice_tenant
      using (tenant = any (coalesce((select sluice.tenants_of_login()), '{}') || ''::text));
    create policy sluice_tenant on sluice.versions as restrictive to sluice_tenant
      using (exists (select from sluice.pointers p where p.prompt in (versions.prompt, '')
        and versions.id in (p.active_version, p.previous_version, p.candidate_version)));
  end if;
end $$;
