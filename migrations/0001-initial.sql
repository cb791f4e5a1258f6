-- Everything Sluice holds to be true, in one schema; nothing outside it is touched.
-- Everything Sluice holds to be true. One schema, `sluice`; nothing outside it is touched.
-- Absent parts of a scope are stored as '' so that plain unique constraints hold.

-- Refuses the change it is attached to. Promises 1 and 9: versions and audit rows never change.
create function sluice.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'sluice.% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'restrict_violation';
end $$;

-- Policies and datasets, by the SHA-256 of their canonical JSON: workers need no files.
create table sluice.documents (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('policy', 'dataset')),
  name text not null,
  body jsonb not null,
  created_at timestamptz not null default now()
);
create trigger documents_never_change before update or delete on sluice.documents
  for each row execute function sluice.refuse_change();
create trigger documents_never_truncated before truncate on sluice.documents
  execute function sluice.refuse_change();

create table sluice.prompts (
  name text primary key,
  description text not null default '',
  tags text[] not null default '{}',
  -- What a rollout follows when none is named: the policy of the file that was pushed last.
  policy_sha256 text references sluice.documents (sha256),
  archived_at timestamptz,
  created_at timestamptz not null default now()
);

create table sluice.versions (
  id uuid primary key default gen_random_uuid(),
  prompt text not null references sluice.prompts (name),
  number integer not null check (number > 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  artifact jsonb not null,
  model text not null,
  description text not null default '',
  tags text[] not null default '{}',
  author text not null,
  message text not null default '',
  token_count integer not null,
  created_at timestamptz not null default now(),
  unique (prompt, number),
  unique (prompt, sha256)
);
create trigger versions_never_change before update or delete on sluice.versions
  for each row execute function sluice.refuse_change();
create trigger versions_never_truncated before truncate on sluice.versions
  execute function sluice.refuse_change();

create table sluice.rollouts (
  id uuid primary key,
  workflow_id text not null,
  run_id text,
  request_id text not null,
  label text not null,
  prompt text not null references sluice.prompts (name),
  model text not null default '',
  tenant text not null default '',
  candidate_version uuid not null references sluice.versions (id),
  baseline_version uuid references sluice.versions (id),
  -- True when the scope had no active version of its own: the baseline is inherited, and so restored.
  inherits boolean not null default false,
  policy_sha256 text not null references sluice.documents (sha256),
  policy jsonb not null,
  dataset_sha256 text references sluice.documents (sha256),
  salt text not null,
  phase text not null,
  outcome text check (outcome in
    ('promoted', 'rolled_back', 'rejected', 'inconclusive', 'aborted', 'superseded', 'failed')),
  reason text,
  stage integer not null default 0,
  share integer not null default 0,
  paused boolean not null default false,
  evaluation_id uuid,
  started_by text not null default session_user,
  asserted_by text,
  started_at timestamptz not null default now(),
  canary_started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  check ((outcome is null) = (ended_at is null))
);
create unique index rollouts_one_open_per_scope
  on sluice.rollouts (label, prompt, model, tenant) where outcome is null;
create index rollouts_by_prompt on sluice.rollouts (prompt, started_at desc);
create index rollouts_by_candidate on sluice.rollouts (candidate_version);

create table sluice.pointers (
  label text not null,
  prompt text not null default '',
  model text not null default '',
  tenant text not null default '',
  active_version uuid references sluice.versions (id),
  previous_version uuid references sluice.versions (id),
  candidate_version uuid references sluice.versions (id),
  mode text check (mode in ('canary', 'holdback')),
  share integer not null default 0 check (share between 0 and 5000),
  salt text not null default '',
  epoch integer not null default 0,
  rollout_id uuid references sluice.rollouts (id),
  lease_until timestamptz,
  revision bigint not null default 1,
  updated_at timestamptz not null default now(),
  primary key (label, prompt, model, tenant),
  check ((mode is null) = (candidate_version is null)),
  check (mode is null or rollout_id is not null)
);
create index pointers_by_prompt on sluice.pointers (prompt);
create index pointers_by_lease on sluice.pointers (lease_until) where rollout_id is not null;

-- Every share a rollout has had. Exposures and cells are grouped by epoch, so a changed share never mixes.
create table sluice.rollout_epochs (
  rollout_id uuid not null references sluice.rollouts (id),
  epoch integer not null,
  stage integer not null,
  mode text not null check (mode in ('canary', 'holdback')),
  share integer not null,
  opened_at timestamptz not null default now(),
  primary key (rollout_id, epoch)
);

create table sluice.rollout_metrics (
  rollout_id uuid not null references sluice.rollouts (id),
  metric text not null,
  kind text not null check (kind in ('mean', 'proportion', 'rare', 'ratio')),
  window_ms bigint not null,
  cap double precision,
  primary key (rollout_id, metric)
);

create table sluice.exposures (
  -- Without foreign keys from here on: record_batch looks rollouts up once a batch, not once a row.
  rollout_id uuid not null,
  unit text not null check (octet_length(unit) = 64 and translate(unit, '0123456789abcdef', '') = ''),
  -- A watch after promotion has exposures of its own: a unit may be in both, always in the same arm.
  mode text not null check (mode in ('canary', 'holdback')),
  arm text not null check (arm in ('candidate', 'control')),
  epoch integer not null,
  exposed_at timestamptz not null default clock_timestamp(),
  -- What outcomes and open windows refer to: much narrower than the key. Nothing looks it up here.
  id bigint generated always as identity,
  primary key (rollout_id, unit, mode)
);
-- Counted as they come in, so that a tick never counts rows.
create table sluice.exposure_counts (
  rollout_id uuid not null,
  epoch integer not null,
  arm text not null,
  units bigint not null,
  primary key (rollout_id, epoch, arm)
);

-- An exposed unit whose outcomes still count, one row for each length of window that its rollout's metrics
-- have. Folding deletes the row, so a unit is folded exactly once; its values are those of its outcomes.
create table sluice.open_units (
  exposure bigint not null,
  window_ms bigint not null,
  rollout_id uuid not null,
  epoch integer not null,
  arm text not null,
  closes_at timestamptz not null,
  primary key (exposure, window_ms)
);
create index open_units_by_closing on sluice.open_units (rollout_id, closes_at);

-- Folded moments. Only the fold writes here, one rollout's fold at a time, so rows need no shards.
create table sluice.cells (
  rollout_id uuid not null references sluice.rollouts (id),
  epoch integer not null,
  arm text not null,
  metric text not null,
  units bigint not null,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null,
  ratio_s double precision not null default 0,
  ratio_c double precision not null default 0,
  ratio_ss double precision not null default 0,
  ratio_cc double precision not null default 0,
  ratio_sc double precision not null default 0,
  newest_value_at timestamptz,
  primary key (rollout_id, epoch, arm, metric)
);

create table sluice.outcomes (
  id uuid primary key,
  received_at timestamptz not null default clock_timestamp(),
  version_id uuid not null,
  rollout_id uuid,
  unit text,
  -- Of a joined outcome: where the fold finds it.
  exposure bigint,
  metrics jsonb not null,
  -- joined: of an enrolled unit (and counted, if its window was open); otherwise why it is stored only.
  status text not null check (status in ('joined', 'unenrolled', 'mismatched', 'closed')),
  feedback text,
  sample jsonb
);
create index outcomes_by_exposure on sluice.outcomes (exposure) where exposure is not null;
create index outcomes_with_feedback on sluice.outcomes (version_id, received_at) where feedback is not null;

-- What came in for a rollout and was not analysed, or not quite, and why; counted so that nobody has to
-- read the outcomes. Outcomes by their status, values that came late or were no measurements, exposures
-- that were refused or claimed another arm than the unit's first.
create table sluice.rollout_intake (
  rollout_id uuid not null,
  kind text not null check (kind in ('joined', 'unenrolled', 'mismatched', 'closed',
    'late_value', 'refused_value', 'refused_exposure', 'second_arm')),
  n bigint not null,
  primary key (rollout_id, kind)
);

-- What each version does in the open: every outcome counts, enrolled or not. The row of metric '' counts
-- the outcomes themselves.
create table sluice.usage (
  version_id uuid not null,
  label text not null,
  model text not null,
  tenant text not null,
  hour timestamptz not null,
  metric text not null,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null,
  -- Values that were no measurements: not a number, or beyond 1e12 either way.
  refused bigint not null default 0,
  primary key (version_id, label, model, tenant, hour, metric)
);
-- Log histogram: bucket b holds values in (2^((b-1)/16), 2^(b/16)]; -32768 holds zero and below.
create table sluice.usage_histogram (
  version_id uuid not null,
  label text not null,
  model text not null,
  tenant text not null,
  hour timestamptz not null,
  metric text not null,
  bucket smallint not null,
  n bigint not null,
  primary key (version_id, label, model, tenant, hour, metric, bucket)
);

create table sluice.evaluations (
  id uuid primary key default gen_random_uuid(),
  rollout_id uuid references sluice.rollouts (id),
  candidate_version uuid not null references sluice.versions (id),
  baseline_version uuid references sluice.versions (id),
  dataset_sha256 text not null references sluice.documents (sha256),
  gate_sha256 text not null,
  judge_sha256 text not null default '',
  verdict text check (verdict in ('pass', 'fail', 'insufficient')),
  reason text,
  report jsonb,
  cost_usd double precision,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index evaluations_one_per_rollout on sluice.evaluations (rollout_id) where rollout_id is not null;
create index evaluations_by_candidate on sluice.evaluations (candidate_version, ended_at desc);

create table sluice.evaluation_results (
  evaluation_id uuid not null references sluice.evaluations (id),
  arm text not null check (arm in ('candidate', 'baseline')),
  case_index integer not null,
  repeat integer not null,
  result jsonb not null,
  recorded_at timestamptz not null default now(),
  primary key (evaluation_id, arm, case_index, repeat)
);

create table sluice.assessments (
  rollout_id uuid not null references sluice.rollouts (id),
  tick integer not null,
  at timestamptz not null default now(),
  stage integer not null,
  epoch integer not null,
  verdict text not null,
  reason text not null,
  baseline_version uuid,
  assessment jsonb not null,
  inputs jsonb not null,
  code_version text not null,
  primary key (rollout_id, tick)
);

-- An operation is applied once: whoever asks again gets the stored outcome.
create table sluice.operations (
  id text primary key,
  request_sha256 text not null,
  outcome jsonb not null,
  applied_at timestamptz not null default now()
);

create table sluice.dead_letters (
  id uuid primary key default gen_random_uuid(),
  -- Filing the same failure twice files one letter.
  operation_id text not null unique,
  operation text not null,
  prompt text,
  rollout_id uuid,
  payload jsonb not null,
  error jsonb not null,
  status text not null default 'open' check (status in ('open', 'redriven', 'discarded')),
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  resolved_by text,
  resolution text
);
create index dead_letters_open on sluice.dead_letters (created_at) where status = 'open';

-- One chain of hashes per prompt; the head row is the lock that orders a prompt's entries.
create table sluice.audit_heads (
  prompt text primary key,
  seq bigint not null,
  hash text not null
);
create table sluice.audit (
  prompt text not null,
  seq bigint not null,
  at timestamptz not null,
  actor text not null,
  asserted_actor text,
  action text not null,
  label text,
  model text,
  tenant text,
  rollout_id uuid,
  operation_id text,
  from_version uuid,
  to_version uuid,
  revision bigint,
  reason text,
  details jsonb not null default '{}',
  previous_hash text not null,
  hash text not null,
  primary key (prompt, seq)
);
create index audit_by_time on sluice.audit (at);
create index audit_by_rollout on sluice.audit (rollout_id, seq) where rollout_id is not null;

-- The hash covers every column but itself, times in UTC microseconds, so any edit shows.
create function sluice.audit_hash(entry sluice.audit) returns text language sql stable as $$
  select encode(sha256(convert_to(jsonb_build_array(
    entry.prompt, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor, entry.asserted_actor,
    entry.action, entry.label, entry.model, entry.tenant, entry.rollout_id, entry.operation_id,
    entry.from_version, entry.to_version, entry.revision, entry.reason, entry.details, entry.previous_hash
  )::text, 'UTF8')), 'hex')
$$;

create function sluice.chain_audit() returns trigger language plpgsql as $$
declare
  head sluice.audit_heads;
begin
  insert into sluice.audit_heads (prompt, seq, hash) values (new.prompt, 0, repeat('0', 64))
    on conflict (prompt) do nothing;
  select * into head from sluice.audit_heads where prompt = new.prompt for update;
  new.seq := head.seq + 1;
  new.at := clock_timestamp();
  new.actor := session_user;
  new.previous_hash := head.hash;
  new.hash := sluice.audit_hash(new);
  update sluice.audit_heads set seq = new.seq, hash = new.hash where prompt = new.prompt;
  return new;
end $$;
create trigger audit_chained before insert on sluice.audit
  for each row execute function sluice.chain_audit();
create trigger audit_never_changes before update or delete on sluice.audit
  for each row execute function sluice.refuse_change();
create trigger audit_never_truncated before truncate on sluice.audit
  execute function sluice.refuse_change();

-- The number that a metric's value says, or null where it is no measurement.
create function sluice.measurement(value jsonb) returns double precision language sql immutable as $$
  select case jsonb_typeof(value)
    -- Postgres refuses to compute what underflows, so the square of the smallest must not.
    when 'number' then case
      when abs(value::numeric) > 1e12 then null
      when abs(value::numeric) < 1e-100 then 0
      else value::double precision end
    when 'boolean' then case when value = 'true' then 1 else 0 end::double precision
  end
$$;

-- The one door for what services report: {exposures: [{rollout, unit, arm, epoch}],
-- outcomes: [{id, version, rollout, unit, label, model, tenant, metrics, feedback, sample}]}.
-- Idempotent: an exposure by (rollout, unit, mode), an outcome by id. Rows are taken in key order, so batches
-- from many connections cannot deadlock. Answers with what became of each kind.
-- Plans are made when tables may be empty and are kept for a session, so they must not be told by sizes.
create function sluice.record_batch(batch jsonb) returns jsonb language plpgsql
  set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  exposed bigint := 0;
  refused_exposures bigint := 0;
  inserted bigint := 0;
  joined bigint := 0;
  late bigint := 0;
  refused_values bigint := 0;
begin
  if jsonb_array_length(coalesce(batch -> 'exposures', '[]')) > 0 then
    with given as materialized (
      select e.*, r.id as known, p.mode
      from rows from (
        jsonb_to_recordset(batch -> 'exposures') as (rollout uuid, unit text, arm text, epoch integer)
      ) with ordinality as e(rollout, unit, arm, epoch, place)
      left join sluice.rollouts r on r.id = e.rollout
      left join sluice.rollout_epochs p on p.rollout_id = e.rollout and p.epoch = e.epoch
        and r.outcome is null and e.arm in ('candidate', 'control')
    ), first as (
      select distinct on (rollout, unit, mode) * from given where mode is not null
      order by rollout, unit, mode, place
    ), added as (
      insert into sluice.exposures (rollout_id, unit, mode, arm, epoch)
      select rollout, unit, mode, arm, epoch from first order by rollout, unit, mode
      on conflict (rollout_id, unit, mode) do nothing
      returning id, rollout_id, unit, mode, arm, epoch, exposed_at
    ), opened as (
      insert into sluice.open_units (exposure, window_ms, rollout_id, epoch, arm, closes_at)
      select a.id, m.window_ms, a.rollout_id, a.epoch, a.arm,
             a.exposed_at + m.window_ms * interval '1 millisecond'
      from added a join (select distinct rollout_id, window_ms from sluice.rollout_metrics) m using (rollout_id)
    ), counted as (
      insert into sluice.exposure_counts (rollout_id, epoch, arm, units)
      select rollout_id, epoch, arm, count(*) from added group by 1, 2, 3 order by 1, 2, 3
      on conflict (rollout_id, epoch, arm) do update set units = exposure_counts.units + excluded.units
    ), astray as (
      select g.known, case when g.mode is null then 'refused_exposure' else 'second_arm' end as kind
      from given g
      left join added a on a.rollout_id = g.rollout and a.unit = g.unit and a.mode = g.mode
      left join lateral (
        select e.arm from sluice.exposures e
        where a.id is null and e.rollout_id = g.rollout and e.unit = g.unit and e.mode = g.mode limit 1
      ) e on true
      where g.mode is null or g.arm <> coalesce(a.arm, e.arm)
    ), noted as (
      insert into sluice.rollout_intake (rollout_id, kind, n)
      select known, kind, count(*) from astray where known is not null group by 1, 2 order by 1, 2
      on conflict (rollout_id, kind) do update set n = rollout_intake.n + excluded.n
    )
    select (select count(*) from added), (select count(*) from given where mode is null)
      into exposed, refused_exposures;
  end if;

  if jsonb_array_length(coalesce(batch -> 'outcomes', '[]')) > 0 then
    with given as (
      select distinct on (o.id) o.*
      from jsonb_to_recordset(batch -> 'outcomes') as o(
        id uuid, version uuid, rollout uuid, unit text, label text, model text, tenant text,
        metrics jsonb, feedback text, sample jsonb)
      order by o.id
    ), placed as materialized (
      select g.id, g.version, g.rollout, coalesce(g.label, '') as label, coalesce(g.model, '') as model,
             coalesce(g.tenant, '') as tenant, coalesce(g.metrics, '{}') as metrics, g.unit, g.feedback, g.sample,
             r.id as known, x.id as exposure, case
        when g.rollout is null or g.unit is null or x.unit is null then 'unenrolled'
        when r.outcome is not null then 'closed'
        when g.version is distinct from case x.arm when 'candidate' then r.candidate_version
                                                   else r.baseline_version end then 'mismatched'
        else 'joined' end as status
      from given g
      left join lateral (
        select e.unit, e.arm, e.id from sluice.exposures e
        where e.rollout_id = g.rollout and e.unit = g.unit order by e.mode desc limit 1
      ) x on true
      left join sluice.rollouts r on r.id = g.rollout
    ), added as materialized (
      insert into sluice.outcomes (id, version_id, rollout_id, unit, exposure, metrics, status, feedback, sample)
      select id, version, rollout, unit, case status when 'joined' then exposure end, metrics, status,
             feedback, sample
      from placed order by id
      on conflict (id) do nothing
      returning id
    ), fresh as materialized (
      select p.*, case p.status when 'joined' then array(
               select u.window_ms from sluice.open_units u where u.exposure = p.exposure) end as windows
      from added a join placed p using (id)
    ), readings as materialized (
      select f.version, f.label, f.model, f.tenant, f.rollout, f.known, f.status, f.windows,
             e.key as metric, sluice.measurement(e.value) as value
      from fresh f cross join lateral jsonb_each(f.metrics) as e
      where e.key <> ''
    ), measured as materialized (
      select m.rollout_id, m.metric, m.window_ms from sluice.rollout_metrics m
      where m.rollout_id in (select known from fresh where status = 'joined')
    ), judged as (
      select r.known, count(*) filter (where m.window_ms = any (r.windows)) as counted,
             count(*) filter (where m.window_ms <> all (r.windows)) as missed
      from readings r join measured m on m.rollout_id = r.known and m.metric = r.metric
      where r.status = 'joined' and r.value is not null
      group by r.known
    ), noted as (
      insert into sluice.rollout_intake (rollout_id, kind, n)
      select known, kind, sum(n) from (
        select known, status as kind, count(*) as n from fresh group by 1, 2
        union all select known, 'late_value', missed from judged where missed > 0
        union all select known, 'refused_value', count(*) from readings where value is null group by 1
      ) counts where known is not null group by 1, 2 order by 1, 2
      on conflict (rollout_id, kind) do update set n = rollout_intake.n + excluded.n
    ), buckets as materialized (
      select version, label, model, tenant, metric,
             case when value <= 0 then -32768
                  else ceil(16 * ln(value) / ln(2::double precision) - 1e-9) end::smallint as bucket,
             count(value) as n, count(*) - count(value) as refused,
             coalesce(avg(value), 0) as mean, coalesce(var_pop(value) * count(value), 0) as m2
      from readings where version is not null group by 1, 2, 3, 4, 5, 6
    ), summed as (
      insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2, refused)
      select version, label, model, tenant, date_trunc('hour', clock_timestamp()), metric, n, mean, m2, refused
      from (
        select version, label, model, tenant, metric, sum(n) as n, min(middle) as mean,
               sum(m2 + n * (mean - middle) ^ 2) as m2, sum(refused) as refused
        from (
          select *, coalesce(sum(n * mean) over metrics / nullif(sum(n) over metrics, 0), 0) as middle
          from buckets window metrics as (partition by version, label, model, tenant, metric)
        ) centred group by 1, 2, 3, 4, 5
        union all
        select version, label, model, tenant, '', count(*), 0, 0, 0 from fresh
        where version is not null group by 1, 2, 3, 4
      ) rows order by 1, 2, 3, 4, 5, 6
      on conflict (version_id, label, model, tenant, hour, metric) do update set
        n = usage.n + excluded.n,
        mean = case when usage.n + excluded.n = 0 then 0 else
          usage.mean + (excluded.mean - usage.mean) * excluded.n / (usage.n + excluded.n) end,
        m2 = case when usage.n + excluded.n = 0 then 0 else usage.m2 + excluded.m2
           + (excluded.mean - usage.mean) ^ 2 * usage.n * excluded.n / (usage.n + excluded.n) end,
        refused = usage.refused + excluded.refused
    ), drawn as (
      insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
      select version, label, model, tenant, date_trunc('hour', clock_timestamp()), metric, bucket, n
      from buckets where bucket is not null order by 1, 2, 3, 4, 5, 6, 7
      on conflict (version_id, label, model, tenant, hour, metric, bucket)
        do update set n = usage_histogram.n + excluded.n
    )
    select (select count(*) from added), coalesce((select sum(counted) from judged), 0),
           coalesce((select sum(missed) from judged), 0), (select count(*) from readings where value is null)
      into inserted, joined, late, refused_values;
  end if;

  return jsonb_build_object('exposures', exposed, 'refusedExposures', refused_exposures,
    'outcomes', inserted, 'joined', joined, 'late', late, 'refusedValues', refused_values);
end $$;

-- Folds what is due of a rollout into its cells, at most so many units, each once: the statement that adds a
-- unit deletes the row that says it is open. Its values are those of its outcomes that are committed by now;
-- what comes later is stored only. Gives how many units were folded. Chan's merge of moments.
create function sluice.fold_units(rollout uuid, most integer) returns bigint language plpgsql
  set enable_seqscan = off as $$
declare
  until constant timestamptz := clock_timestamp();
  total bigint;
begin
  with due as (
    select exposure, window_ms from sluice.open_units
    where rollout_id = rollout and closes_at <= until
    order by closes_at, exposure, window_ms limit most
    for update skip locked
  ), closed as (
    delete from sluice.open_units u using due d
    where u.exposure = d.exposure and u.window_ms = d.window_ms
    returning u.exposure, u.window_ms, u.epoch, u.arm
  ), valued as (
    select c.epoch, c.arm, m.metric, m.kind = 'ratio' as is_ratio, v.n, v.sum,
           case when v.n = 0 then null
                when m.kind = 'rare' then (v.sum > 0)::int::double precision
                else v.sum / v.n end as value
    from closed c join sluice.rollout_metrics m on m.rollout_id = rollout and m.window_ms = c.window_ms
    cross join lateral (
      select count(*) as n, coalesce(sum(least(value, m.cap)), 0) as sum
      from (select sluice.measurement(o.metrics -> m.metric) as value
            from sluice.outcomes o where o.exposure = c.exposure) reading
      where value is not null
    ) v
  ), moments as (
    select epoch, arm, metric, count(*) as units, count(value) as n,
           coalesce(avg(value), 0) as mean, coalesce(var_pop(value) * count(value), 0) as m2,
           coalesce(sum(sum) filter (where is_ratio and n > 0), 0) as s,
           coalesce(sum(n) filter (where is_ratio), 0)::double precision as c,
           coalesce(sum(sum * sum) filter (where is_ratio and n > 0), 0) as ss,
           coalesce(sum(n::double precision * n) filter (where is_ratio), 0) as cc,
           coalesce(sum(sum * n) filter (where is_ratio and n > 0), 0) as sc
    from valued group by epoch, arm, metric
  ), merged as (
    insert into sluice.cells (rollout_id, epoch, arm, metric, units, n, mean, m2,
      ratio_s, ratio_c, ratio_ss, ratio_cc, ratio_sc, newest_value_at)
    select rollout, epoch, arm, metric, units, n, mean, m2, s, c, ss, cc, sc, case when n > 0 then until end
    from moments order by epoch, arm, metric
    on conflict (rollout_id, epoch, arm, metric) do update set
      units = cells.units + excluded.units,
      n = cells.n + excluded.n,
      mean = case when cells.n + excluded.n = 0 then 0 else
        cells.mean + (excluded.mean - cells.mean) * excluded.n / (cells.n + excluded.n) end,
      m2 = case when cells.n + excluded.n = 0 then 0 else
        cells.m2 + excluded.m2
          + (excluded.mean - cells.mean) ^ 2 * cells.n * excluded.n / (cells.n + excluded.n) end,
      ratio_s = cells.ratio_s + excluded.ratio_s,
      ratio_c = cells.ratio_c + excluded.ratio_c,
      ratio_ss = cells.ratio_ss + excluded.ratio_ss,
      ratio_cc = cells.ratio_cc + excluded.ratio_cc,
      ratio_sc = cells.ratio_sc + excluded.ratio_sc,
      newest_value_at = coalesce(excluded.newest_value_at, cells.newest_value_at)
  )
  select count(*) from closed into total;
  return total;
end $$;

-- A person's decision about a rollout, stamped by the database. One word a person and point; the last counts.
create table sluice.approvals (
  rollout_id uuid not null references sluice.rollouts (id),
  point text not null check (point in ('canary', 'promote')),
  actor text not null default session_user,
  asserted_actor text not null default '',
  decision text not null check (decision in ('approve', 'reject')),
  comment text not null default '',
  decided_at timestamptz not null default clock_timestamp(),
  primary key (rollout_id, point, actor, asserted_actor)
);
