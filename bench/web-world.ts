/** An installation that is larger than most: what pages of the dashboard are asked for on it. */
import type { RolloutPolicy } from "../src/domain/policy/policy.ts";
import { storeSeededLooks } from "../test/web/support/stored-looks.ts";
import { CANARY } from "../test/statistics/canary-evidence.ts";
import { PROMPT, type ServerWorld } from "./server-world.ts";

export const COUNTS = {
  versions: 10_000,
  prompts: 10_000,
  rollouts: 1_000,
  audit: 1_000_000,
  looks: 40_000,
} as const;

const window_ms = 1_000;
const POLICY: RolloutPolicy = {
  metrics: {
    rating: { kind: "mean", window_ms, unit: "stars" },
    latency_ms: { kind: "mean", window_ms },
  },
  notify: [],
  canary: {
    ...CANARY,
    goal: {
      metric: "rating",
      direction: "higher",
      claim: "non_inferior",
      margin: { kind: "absolute", value: 0.1 },
    },
    guardrails: [{ metric: "latency_ms", direction: "lower", margin: { kind: "relative", value: 0.1 } }],
    fuses: [],
    max_units: 3_000,
  },
};

/** Fills the store; gives the rollout that was looked at so often. */
export async function fillStore(
  { db, query, versionId }: ServerWorld,
  progress: (line: string) => void,
): Promise<{ readonly rolloutId: string }> {
  progress(`${COUNTS.versions} versions of one prompt, and ${COUNTS.prompts} prompts`);
  await query(
    `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
     select prompt, n, n || '.0.0', encode(sha256((prompt || n)::bytea), 'hex'), artifact, model, 'bench', 9
     from sluice.versions, generate_series(2, $2) n where id = $1`,
    [versionId, COUNTS.versions],
  );
  await query("insert into sluice.prompts (name) select 'team/prompt-' || n from generate_series(1, $1) n", [
    COUNTS.prompts,
  ]);
  await query(
    `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
     select name, 1, '1.0.0', encode(sha256(name::bytea), 'hex'), artifact, v.model, 'bench', 9
     from sluice.prompts p, sluice.versions v where v.id = $1 and name like 'team/%'`,
    [versionId],
  );
  await query(
    `insert into sluice.pointers (label, prompt, active_version)
     select 'production', prompt, id from sluice.versions where prompt like 'team/%'`,
  );
  progress(`${COUNTS.looks} looks of one rollout, and ${COUNTS.rollouts} rollouts`);
  const { rollout, looks } = await storeSeededLooks(db, POLICY, {
    seed: 1,
    perLook: 20,
    looksOfStage: 15,
    values: () => ({ rating: { mean: 4, sd: 1 }, latency_ms: { mean: 830, sd: 200 } }),
  });
  // The looks that there are, each as often as it takes, in their order.
  await query("update sluice.assessments set tick = -tick where rollout_id = $1", [rollout.id]);
  await query(
    `insert into sluice.assessments
     select rollout_id, n, now() - ($2 - n) * interval '1 minute', stage, epoch, verdict, reason, baseline_version,
       assessment, inputs, code_version
     from generate_series(1, $2) n join sluice.assessments a
       on a.rollout_id = $1 and a.tick = -least($3, 1 + (n - 1) * $3 / $2)`,
    [rollout.id, COUNTS.looks, looks.length],
  );
  await query("delete from sluice.assessments where rollout_id = $1 and tick < 0", [rollout.id]);
  await query(
    `insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, candidate_version, baseline_version,
       policy_sha256, policy, decision_version, salt, phase, outcome, started_at, ended_at)
     select gen_random_uuid(), 'bench-' || n, 'bench-' || n, 'production', $2, v.id, v.id, policy_sha256, policy,
       decision_version, salt, 'done', 'promoted', now() - n * interval '1 hour', now() - n * interval '30 minutes'
     from sluice.rollouts r, sluice.versions v, generate_series(1, $3) n
     where r.id = $1 and v.prompt = $2 and v.number = 1`,
    [rollout.id, PROMPT, COUNTS.rollouts],
  );
  progress(`${COUNTS.audit} entries of the audit log`);
  await query(
    `insert into sluice.audit (prompt, seq, at, actor, action, label, model, tenant, to_version, revision, reason, previous_hash, hash)
     select case when n % 10 = 0 then $2 else 'team/prompt-' || n % $3 end, n, now() - ($4 - n) * interval '10 seconds',
       'person-' || n % 50, case when n % 1000 = 0 then 'rolled_back' when n % 3 = 0 then 'promoted' else 'version_pushed' end,
       'production', '', '', $1, case when n % 3 = 0 then n end, 'because', md5(n::text), md5((n + 1)::text)
     from generate_series(1, $4) n`,
    [versionId, PROMPT, COUNTS.prompts, COUNTS.audit],
  );
  progress("a week of their use");
  await query(
    `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
     select p.active_version, 'production', '', '', date_trunc('hour', now()) - h * interval '1 hour', metric, 100, 4, 20
     from sluice.pointers p, generate_series(0, $1, 4) h, unnest('{"",rating}'::text[]) metric`,
    [7 * 24],
  );
  await query("vacuum analyze");
  return { rolloutId: rollout.id };
}
