import { createHash, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { closeWindows } from "./close-windows.ts";
import { canaryOf, type RolloutPolicy } from "../../src/domain/policy/policy.ts";
import type { Assessment } from "../../src/domain/rollout/verdict.ts";
import {
  assess,
  DECISION_CODE_VERSION,
  type AssessmentInput,
} from "../../src/statistics/decision/assessment.ts";
import type { Database } from "../../src/storage/database.ts";
import { readRolloutEvidence } from "../../src/storage/read/rollout-evidence.ts";
import { openMetrics } from "../../src/storage/write/begin-rollout.ts";
import { foldUnits } from "../../src/storage/write/fold-units.ts";

export type Reported = Readonly<Record<string, unknown>>;

/** A rollout whose rows are there, unattended: what comes in is reported, folded and looked at by hand. */
export interface StoredRollout {
  readonly id: string;
  readonly candidate: string;
  readonly baseline: string;
  readonly policy: RolloutPolicy;
  /** The digest that a unit of this name is stored under. */
  unit(name: string): string;
  exposure(name: string, arm?: "candidate" | "control", epoch?: number, more?: Reported): Reported;
  /** An outcome of the version that the unit's arm serves. */
  outcome(name: string, metrics: Reported, arm?: "candidate" | "control", more?: Reported): Reported;
  /** Opens the epoch of a stage (0-based): epoch number stage + 1. */
  openStage(stage: number): Promise<void>;
  /** Lets every window close now, folds, and looks. */
  look(of?: Partial<AssessmentInput>): Promise<Assessment>;
  /** The same, with what it was decided from. */
  lookWith(
    of?: Partial<AssessmentInput>,
    options?: { readonly closeWindows: boolean },
  ): Promise<{ readonly assessment: Assessment; readonly input: AssessmentInput }>;
}

export interface RecordReceipt {
  readonly exposures: number;
  readonly refusedExposures: number;
  readonly outcomes: number;
  readonly joined: number;
  readonly late: number;
  readonly refusedValues: number;
}

/** Reports a batch as a resolver does. `as` is the JSON text of what JSON.stringify cannot write. */
export async function report(
  db: Database,
  batch: { readonly exposures?: readonly Reported[]; readonly outcomes?: readonly Reported[] } | string,
): Promise<RecordReceipt> {
  const text = typeof batch === "string" ? batch : JSON.stringify(batch);
  const { rows } = await sql<{ receipt: RecordReceipt }>`
    select sluice.record_batch(${text}::jsonb) as receipt`.execute(db);
  return rows[0]!.receipt;
}

export async function storeRollout(db: Database, policy: RolloutPolicy): Promise<StoredRollout> {
  const [id, candidate, baseline] = [randomUUID(), randomUUID(), randomUUID()];
  const prompt = `p-${id.slice(0, 8)}`;
  await sql`insert into sluice.prompts (name) values (${prompt})`.execute(db);
  for (const [index, version] of [baseline, candidate].entries())
    await sql`insert into sluice.versions (id, prompt, number, semver, sha256, artifact, model, author, token_count)
      values (${version}, ${prompt}, ${index + 1}, ${`${index + 1}.0.0`}, ${digest(version)}, '{}', 'openai/x', 'ann', 1)`.execute(
      db,
    );
  await sql`insert into sluice.documents (sha256, kind, name, body)
    values (${"0".repeat(64)}, 'policy', 'p', '{}') on conflict do nothing`.execute(db);
  await sql`insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, candidate_version,
      baseline_version, policy_sha256, policy, decision_version, salt, phase, canary_started_at)
    values (${id}, ${id}, ${id}, 'production', ${prompt}, ${candidate}, ${baseline}, ${"0".repeat(64)},
            ${JSON.stringify(policy)}, ${DECISION_CODE_VERSION}, ${id}, 'canary', now())`.execute(db);
  await openMetrics(db, id, policy);
  for (const segment of canaryOf(policy).segments ?? [])
    await sql`insert into sluice.rollout_segments values (${id}, ${segment})`.execute(db);
  const serving = { candidate, control: baseline };
  const rollout: StoredRollout = {
    id,
    candidate,
    baseline,
    policy,
    unit: (name) => digest(`${id} ${name}`),
    exposure: (name, arm = "candidate", epoch = 1, more = {}) => ({
      rollout: id,
      unit: rollout.unit(name),
      arm,
      epoch,
      ...more,
    }),
    outcome: (name, metrics, arm = "candidate", more = {}) => ({
      id: randomUUID(),
      rollout: id,
      unit: rollout.unit(name),
      version: serving[arm],
      label: "production",
      metrics,
      ...more,
    }),
    async openStage(stage) {
      const { share } = canaryOf(policy).stages[stage]!;
      await sql`insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share)
        values (${id}, ${stage + 1}, ${stage}, 'canary', ${share})`.execute(db);
    },
    look: async (of) => (await rollout.lookWith(of)).assessment,
    async lookWith(of = {}, options = { closeWindows: true }) {
      if (options.closeWindows) await closeWindows(db, id);
      await foldUnits(db, id);
      const input: AssessmentInput = {
        canary: canaryOf(policy),
        metrics: policy.metrics,
        ...(await readRolloutEvidence(db, id, "canary")),
        stage: 0,
        dwellMs: 0,
        elapsedMs: 0,
        frozen: false,
        mode: "canary",
        fuseStreaks: {},
        ...of,
      };
      return { assessment: assess(input), input };
    },
  };
  await rollout.openStage(0);
  return rollout;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
