-- Who approves is the database's word, not the writer's: the login and the time are set here, whatever was written,
-- and nobody changes what another login has decided or takes a decision away.
create or replace function sluice.stamp_approval() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and (old.actor <> session_user or (new.rollout_id, new.point, new.asserted_actor)
      is distinct from (old.rollout_id, old.point, old.asserted_actor)) then
    raise exception 'sluice.approvals: the decision of % is not % to change', old.actor, session_user
      using errcode = 'restrict_violation';
  end if;
  new.actor := session_user;
  new.decided_at := clock_timestamp();
  return new;
end $$;
create or replace trigger approvals_stamped before insert or update on sluice.approvals
  for each row execute function sluice.stamp_approval();
create or replace trigger approvals_never_deleted before delete on sluice.approvals
  for each row execute function sluice.refuse_change();
create or replace trigger approvals_never_truncated before truncate on sluice.approvals
  execute function sluice.refuse_change();
