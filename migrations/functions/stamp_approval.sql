-- Who approves is the database's word, not the writer's: the login, whoever was proven and the time are set here,
-- whatever was written, and nobody changes what another has decided or takes a decision away.
create or replace function sluice.stamp_approval() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and (old.actor <> session_user or (new.rollout_id, new.point, new.asserted_actor)
      is distinct from (old.rollout_id, old.point, old.asserted_actor)
      -- Servers share a login: who has shown a key is told apart by the key's owner.
      or old.principal ->> 'name' is distinct from sluice.acting_principal() ->> 'name') then
    raise exception 'sluice.approvals: the decision of % is not % to change',
      coalesce(old.principal ->> 'name', old.actor), session_user using errcode = 'restrict_violation';
  end if;
  new.actor := session_user;
  new.principal := sluice.acting_principal();
  new.decided_at := clock_timestamp();
  return new;
end $$;
create or replace trigger approvals_stamped before insert or update on sluice.approvals
  for each row execute function sluice.stamp_approval();
create or replace trigger approvals_never_deleted before delete on sluice.approvals
  for each row execute function sluice.refuse_change();
create or replace trigger approvals_never_truncated before truncate on sluice.approvals
  execute function sluice.refuse_change();
