-- Did an outcome go wrong: an error, a time-out, a refusal, an answer that was cut or has the wrong form?
create or replace function sluice.is_trouble(metrics jsonb) returns boolean language sql immutable as $$
  select coalesce(bool_or(case when key in ('valid_json', 'valid_format', 'valid_schema')
                               then sluice.measurement(value) < 1 else sluice.measurement(value) > 0 end), false)
  from jsonb_each(metrics)
  where key in ('error', 'errors', 'failure', 'failures', 'timeout', 'timeouts', 'refusal', 'refusals',
                'format_error', 'format_errors', 'invalid_json', 'valid_json', 'valid_format', 'valid_schema')
$$;
