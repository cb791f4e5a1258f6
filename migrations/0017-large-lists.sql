-- What pages ask of a long audit log, however few entries there are: the moves of one scope, and entries of one kind,
-- of one label or by one person. And which prompts were called most lately, of very many.

create index audit_of_scope on sluice.audit (prompt, label, model, tenant, revision) where revision is not null;
drop index sluice.audit_by_revision;
create index audit_by_action on sluice.audit (action, at);
create index audit_by_label on sluice.audit (label, at) where label is not null;
create index audit_by_actor on sluice.audit (actor, at);
create index audit_by_asserted on sluice.audit (asserted_actor, at) where asserted_actor is not null;
create index audit_by_principal on sluice.audit ((principal ->> 'name'), at) where principal is not null;
create index usage_of_calls on sluice.usage (hour) include (version_id, label, n) where metric = '';
