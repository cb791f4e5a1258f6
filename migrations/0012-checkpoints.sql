create table sluice.audit_checkpoints (
  at timestamptz primary key,
  sha256 text not null,
  heads_sha256 text not null,
  prompts integer not null check (prompts >= 0),
  kept_in text not null,
  confirmed_at timestamptz not null
);
comment on table sluice.audit_checkpoints is
  'that a checkpoint of the audit log was handed to where checkpoints are kept: the checkpoints themselves are not here, where whoever can change the log could change them';
comment on column sluice.audit_checkpoints.confirmed_at is
  'until when the log had not grown, so that no other checkpoint was needed';
