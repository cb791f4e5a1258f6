-- What a move of a pointer is checked against, and where `audit --verify` finds a pointer's newest entry.
create index audit_by_revision on sluice.audit (prompt, revision) where revision is not null;
create index audit_of_defaults on sluice.audit (model, revision) where details ->> 'anyPrompt' = 'true';
