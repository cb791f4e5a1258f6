-- What a pointer goes back to is part of it: the previous version, or, where it had none of its own, what it
-- inherited. An earlier promotion of the same version says nothing of the move that made it active now.
alter table sluice.pointers add column previous_inherits boolean not null default false;
update sluice.pointers p set previous_inherits = true
where p.active_version is not null and (p.previous_version is null or p.mode = 'holdback')
  and exists (
    select from sluice.rollouts r
    where (r.label, r.prompt, r.model, r.tenant) = (p.label, p.prompt, p.model, p.tenant)
      and r.candidate_version = p.active_version and r.inherits
      and (r.outcome = 'promoted' or r.outcome is null));
