-- The number that a metric's value says, or null where it is no measurement.
create or replace function sluice.measurement(value jsonb) returns double precision language sql immutable as $$
  select case jsonb_typeof(value)
    -- Postgres refuses to compute what underflows, so the square of the smallest must not.
    when 'number' then case
      when abs(value::numeric) > 1e12 then null
      when abs(value::numeric) < 1e-100 then 0
      else value::double precision end
    when 'boolean' then case when value = 'true' then 1 else 0 end::double precision
  end
$$;
