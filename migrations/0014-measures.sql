-- What a unit's value of a metric is, so that silence, what a cap hides and logarithms are folded beside plain values.
alter table sluice.rollout_metrics
  -- The name that outcomes carry it under; null: the metric's own.
  add column source text,
  add column measure text not null default 'value'
    check (measure in ('value', 'log', 'over_cap', 'unanswered', 'any_trouble')),
  add column most_requests integer;

-- The plain mean of the uncapped values, beside that of the capped ones or of their logarithms.
alter table sluice.cells add column uncapped double precision not null default 0;
