-- The trace that a rollout was started in: its workers go on with it.

alter table sluice.rollouts add column traceparent text
  check (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
comment on column sluice.rollouts.traceparent is 'W3C trace context of who started it; null where no traces are made';
