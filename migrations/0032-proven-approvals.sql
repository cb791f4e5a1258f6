-- Who has decided by proof, where something was proven: whoever showed a key. The database fills it in.
alter table sluice.approvals add column principal jsonb;
