import type { ColumnType, Generated } from "kysely";
import type { CaseResult, EvaluationArm } from "../evaluation/grading/case-result.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { SentType } from "../domain/prompt/caller-report.ts";
import type { FleetConfirmation } from "../domain/fleet.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { Role } from "../domain/access/roles.ts";
import type { AwaitedRollout, DeliveryState } from "../domain/shapes/delivering.ts";
import type { PropagationState } from "../domain/shapes/propagating.ts";
import type { Drift } from "../domain/shapes/syncing.ts";
import type { DirectMoves } from "../domain/shapes/labels.ts";
import type { CiPlatformName } from "../domain/access/ci-platforms.ts";
import type { Principal } from "../domain/access/principal.ts";
import type { TrustRule } from "../domain/shapes/trust-rules.ts";
import type { RetentionPeriods } from "../domain/retention.ts";
import type { Ledger, LedgerStep } from "../domain/rollout/ledger.ts";
import type { Measure } from "../domain/rollout/measurements.ts";
import type { GatePolicy, RolloutPolicy } from "../domain/policy/policy.ts";
import type { IntakeKind, Outcome, Phase, WaitingFor } from "../domain/rollout/rollout.ts";
import type { Assessment } from "../domain/rollout/verdict.ts";

/** The tables of migrations/, as kysely sees them. */
export interface Tables {
  prompts: PromptsTable;
  documents: DocumentsTable;
  contents: ContentsTable;
  versions: VersionsTable;
  rollouts: RolloutsTable;
  pointers: PointersTable;
  rollout_epochs: RolloutEpochsTable;
  rollout_metrics: RolloutMetricsTable;
  exposures: ExposuresTable;
  exposure_counts: ExposureCountsTable;
  open_units: OpenUnitsTable;
  cells: CellsTable;
  outcomes: OutcomesTable;
  rollout_intake: RolloutIntakeTable;
  usage: UsageTable;
  usage_histogram: UsageHistogramTable;
  answering: AnsweringTable;
  evaluations: EvaluationsTable;
  evaluation_results: EvaluationResultsTable;
  evaluation_budgets: EvaluationBudgetsTable;
  budget_reservations: BudgetReservationsTable;
  provider_breakers: ProviderBreakersTable;
  assessments: AssessmentsTable;
  caller_values: CallerValuesTable;
  operations: OperationsTable;
  dead_letters: DeadLettersTable;
  audit: AuditTable;
  audit_heads: AuditHeadsTable;
  audit_checkpoints: AuditCheckpointsTable;
  approvals: ApprovalsTable;
  installation: InstallationTable;
  keys: KeysTable;
  trust_rules: TrustRulesTable;
  labels: LabelsTable;
  ledger_steps: LedgerStepsTable;
  rollout_segments: RolloutSegmentsTable;
  segment_values: SegmentValuesTable;
  segment_cells: SegmentCellsTable;
  drafts: DraftsTable;
  daily_spending: DailySpendingTable;
  draft_revisions: DraftRevisionsTable;
  manifests: ManifestsTable;
  environments: EnvironmentsTable;
  manifest_prompts: ManifestPromptsTable;
  deliveries: DeliveriesTable;
  propagations: PropagationsTable;
  propagation_steps: PropagationStepsTable;
  drift: DriftTable;
  drift_looks: DriftLooksTable;
  bundle_targets: BundleTargetsTable;
  tombstones: TombstonesTable;
  retention_runs: RetentionRunsTable;
  notifications: NotificationsTable;
}

type Json<T> = ColumnType<T, string, string>;
/** Read as a Date; written by the database's own clock unless given. */
type Timestamp = ColumnType<Date, Date | undefined, Date>;
/** numeric, in US dollars: exact, so read as text. */
type Money = ColumnType<string, number | string, never>;
type OptionalTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;

interface ScopeTableColumns {
  label: string;
  prompt: string;
  model: string;
  tenant: string;
}

interface NotificationsTable {
  id: string;
  webhook: string;
  secret: string | null;
  event: string;
  prompt: string;
  rollout_id: string | null;
  content: Json<Readonly<Record<string, unknown>>>;
  created_at: Timestamp;
  attempts: Generated<number>;
  next_attempt_at: Timestamp;
}

interface PromptsTable {
  name: string;
  description: Generated<string>;
  tags: Generated<string[]>;
  policy_sha256: string | null;
  archived_at: OptionalTimestamp;
  created_at: Timestamp;
}

interface DocumentsTable {
  sha256: string;
  kind: "policy" | "dataset";
  name: string;
  /** Null where it is kept by its hash outside of the database. */
  body: ColumnType<unknown, string | null, never>;
  content_sha256: ColumnType<string | null, string | null | undefined, never>;
  created_at: Timestamp;
}

interface ContentsTable {
  sha256: string;
  bytes: number;
  place: string;
  written_at: Timestamp;
}

export interface VersionsTable {
  id: Generated<string>;
  prompt: string;
  number: number;
  /** `1.4.0`, derived from what changed since the version before. */
  semver: string;
  sha256: string;
  artifact: Json<Artifact>;
  model: string;
  description: Generated<string>;
  tags: Generated<string[]>;
  author: string;
  message: Generated<string>;
  token_count: number;
  metadata: ColumnType<Readonly<Record<string, unknown>>, string | undefined, never>;
  created_at: Timestamp;
}

interface RolloutsTable extends ScopeTableColumns {
  id: string;
  workflow_id: string;
  run_id: string | null;
  request_id: string;
  candidate_version: string;
  baseline_version: string | null;
  inherits: Generated<boolean>;
  policy_sha256: string;
  policy: Json<RolloutPolicy>;
  /** Of the decision rules that each of its looks uses. */
  decision_version: string;
  /** The so many-th try of the same content in this scope within 30 days. */
  attempt: Generated<number>;
  /** What earlier promotions have used of each margin when it began; null where there is no baseline. */
  ledger: Json<Ledger> | null;
  dataset_sha256: string | null;
  salt: string;
  /** W3C trace context of who started it. */
  traceparent: ColumnType<string | null, string | null | undefined, never>;
  phase: Phase;
  outcome: Outcome | null;
  reason: string | null;
  stage: Generated<number>;
  share: Generated<number>;
  paused: Generated<boolean>;
  started_by: Generated<string>;
  asserted_by: string | null;
  started_at: Timestamp;
  canary_started_at: OptionalTimestamp;
  ended_at: OptionalTimestamp;
  updated_at: Timestamp;
  /** How its promotion reached the resolvers; null before it, or when nobody could tell. */
  fleet: Json<FleetConfirmation> | null;
  waiting_for: WaitingFor | null;
  /** Of the Temporal that its workflow is in; null before it was started there. */
  temporal_namespace: string | null;
  temporal_namespace_id: string | null;
  /** Since when Temporal has not known its workflow; null while it does. */
  missing_since: OptionalTimestamp;
}

interface PointersTable extends ScopeTableColumns {
  active_version: string | null;
  previous_version: string | null;
  /** What is active replaced what the scope inherited, so a rollback goes back to inheriting. */
  previous_inherits: Generated<boolean>;
  candidate_version: string | null;
  mode: "canary" | "holdback" | null;
  share: Generated<number>;
  salt: Generated<string>;
  epoch: Generated<number>;
  rollout_id: string | null;
  lease_until: OptionalTimestamp;
  revision: Generated<number>;
  updated_at: Timestamp;
}

interface RolloutEpochsTable {
  rollout_id: string;
  epoch: number;
  stage: number;
  mode: "canary" | "holdback";
  share: number;
  opened_at: Timestamp;
}

interface RolloutMetricsTable {
  rollout_id: string;
  metric: string;
  kind: "mean" | "proportion" | "rare" | "ratio";
  window_ms: number;
  cap: number | null;
  /** The name that outcomes carry it under; null: the metric's own. */
  source: string | null;
  measure: ColumnType<Measure, Measure | undefined, never>;
  /** Ratio metrics: a unit's requests beyond this many count as this many. */
  most_requests: number | null;
}

interface ExposuresTable {
  rollout_id: string;
  unit: string;
  mode: "canary" | "holdback";
  arm: "candidate" | "control";
  epoch: number;
  exposed_at: Timestamp;
  id: Generated<number>;
}

interface ExposureCountsTable {
  rollout_id: string;
  epoch: number;
  arm: "candidate" | "control";
  units: number;
}

interface OpenUnitsTable {
  exposure: number;
  window_ms: number;
  rollout_id: string;
  epoch: number;
  arm: "candidate" | "control";
  closes_at: Timestamp;
  segments: Json<Readonly<Record<string, string>>> | null;
}

interface CellsTable {
  rollout_id: string;
  epoch: number;
  arm: "candidate" | "control";
  metric: string;
  units: number;
  n: number;
  mean: number;
  m2: number;
  uncapped: Generated<number>;
  ratio_s: number;
  ratio_c: number;
  ratio_ss: number;
  ratio_cc: number;
  ratio_sc: number;
  newest_value_at: OptionalTimestamp;
}

interface OutcomesTable {
  id: string;
  received_at: Timestamp;
  version_id: string;
  rollout_id: string | null;
  unit: string | null;
  exposure: number | null;
  metrics: Json<Record<string, number>>;
  status: "joined" | "unenrolled" | "wrong_version" | "after_end";
  feedback: string | null;
  sample: Json<unknown> | null;
}

interface RolloutIntakeTable {
  rollout_id: string;
  kind: IntakeKind;
  n: number;
}

interface UsageTable {
  version_id: string;
  label: string;
  model: string;
  tenant: string;
  hour: Timestamp;
  metric: string;
  n: number;
  mean: number;
  m2: number;
  refused: Generated<number>;
}

/** What the vendor calls the model that has answered, by the hour. */
interface AnsweringTable {
  version_id: string;
  label: string;
  model: string;
  tenant: string;
  hour: Timestamp;
  name: string;
  n: number;
}

interface UsageHistogramTable {
  version_id: string;
  label: string;
  model: string;
  tenant: string;
  hour: Timestamp;
  metric: string;
  bucket: number;
  n: number;
}

interface CallerValuesTable {
  prompt: string;
  /** A date. */
  day: Timestamp;
  label: string;
  service: string;
  tenant: string;
  kind: "call" | "variable" | "placeholder";
  name: string;
  types: SentType[];
  longest: number;
  calls: number;
  first_seen: Timestamp;
  last_seen: Timestamp;
  missing_at: Timestamp | null;
}

interface EvaluationsTable {
  id: Generated<string>;
  rollout_id: string | null;
  candidate_version: string;
  baseline_version: string | null;
  dataset_sha256: string;
  gate_sha256: string;
  judge_sha256: Generated<string>;
  gate: Json<GatePolicy> | null;
  verdict: "pass" | "fail" | "insufficient" | null;
  reason: string | null;
  report: Json<unknown> | null;
  cost_usd: ColumnType<string | null, number | null, number | null>;
  started_at: Timestamp;
  ended_at: OptionalTimestamp;
  temporal_namespace_id: Generated<string | null>;
  missing_since: OptionalTimestamp;
}

interface EvaluationResultsTable {
  evaluation_id: string;
  arm: EvaluationArm;
  case_index: number;
  repeat: number;
  result: Json<CaseResult>;
  recorded_at: Timestamp;
  grade: ColumnType<"pass" | "fail" | "error", never, never>;
  reuse_key: string | null;
  reused_from: string | null;
}

interface EvaluationBudgetsTable {
  evaluation_id: string;
  cap_usd: Money;
  spent_usd: ColumnType<string, never, never>;
  reserved_usd: ColumnType<string, never, never>;
}

interface BudgetReservationsTable {
  id: string;
  evaluation_id: string;
  holder: string;
  usd: Money;
  forfeited: Generated<boolean>;
  reserved_at: Timestamp;
}

interface ProviderBreakersTable {
  endpoint: string;
  state: Generated<"closed" | "open" | "half_open">;
  failures: Generated<number>;
  until: OptionalTimestamp;
  updated_at: Timestamp;
}

interface AssessmentsTable {
  rollout_id: string;
  tick: number;
  at: Timestamp;
  stage: number;
  epoch: number;
  verdict: string;
  reason: string;
  baseline_version: string | null;
  assessment: Json<Assessment>;
  inputs: Json<unknown>;
  code_version: string;
}

interface OperationsTable {
  id: string;
  request_sha256: string;
  outcome: Json<unknown>;
  applied_at: Timestamp;
}

interface DeadLettersTable {
  told_at: OptionalTimestamp;
  id: Generated<string>;
  operation_id: string;
  operation: string;
  prompt: string | null;
  rollout_id: string | null;
  payload: Json<unknown>;
  error: Json<unknown>;
  status: Generated<"open" | "redriven" | "discarded">;
  created_at: Timestamp;
  resolved_at: OptionalTimestamp;
  resolved_by: string | null;
  resolution: string | null;
}

interface AuditTable {
  prompt: string;
  /** seq, at, actor and the hashes are filled in by the database. */
  seq: Generated<number>;
  at: ColumnType<Date, never, never>;
  actor: ColumnType<string, never, never>;
  asserted_actor: string | null;
  action: string;
  label: string | null;
  model: string | null;
  tenant: string | null;
  rollout_id: string | null;
  operation_id: string | null;
  from_version: string | null;
  to_version: string | null;
  revision: number | null;
  reason: string | null;
  details: Json<Record<string, unknown>>;
  /** Whom the transaction had proven to act for; filled in by the database. */
  principal: ColumnType<Principal | null, never, never>;
  previous_hash: ColumnType<string, never, never>;
  hash: ColumnType<string, never, never>;
}

interface KeysTable {
  id: string;
  /** Written once: nobody needs to read it. */
  proof_sha256: ColumnType<never, Buffer, never>;
  name: string;
  role: Role;
  grants: Json<Grants>;
  owner: string;
  created_by: Generated<string>;
  created_at: Timestamp;
  expires_at: OptionalTimestamp;
  revoked_at: OptionalTimestamp;
  replaced_by: string | null;
  last_used_at: OptionalTimestamp;
}

interface TrustRulesTable {
  name: string;
  platform: CiPlatformName;
  issuer: string;
  match: Json<Readonly<Record<string, string>>>;
  role: TrustRule["role"];
  grants: Json<Grants>;
  created_by: Generated<string>;
  created_at: Timestamp;
}

interface LabelsTable {
  label: string;
  protected: boolean;
  on_direct_move: Generated<DirectMoves>;
  from_label: string | null;
  live_for_ms: Generated<number>;
  updated_at: Timestamp;
}

interface AuditCheckpointsTable {
  at: Date;
  sha256: string;
  heads_sha256: string;
  prompts: number;
  kept_in: string;
  confirmed_at: Date;
}

interface AuditHeadsTable {
  prompt: string;
  seq: number;
  hash: string;
}

interface RolloutSegmentsTable {
  rollout_id: string;
  segment: string;
}

interface SegmentValuesTable extends RolloutSegmentsTable {
  value: string;
  slot: number;
}

interface SegmentCellsTable extends Omit<CellsTable, "newest_value_at" | "uncapped"> {
  segment: string;
  value: string;
}

interface LedgerStepsTable extends ScopeTableColumns {
  id: Generated<string>;
  version_id: string;
  baseline_id: string | null;
  rollout_id: string | null;
  anchor: boolean;
  metrics: ColumnType<Readonly<Record<string, LedgerStep>>, string | undefined, never>;
  at: Timestamp;
}

interface ApprovalsTable {
  rollout_id: string;
  point: "canary" | "promote";
  actor: Generated<string>;
  asserted_actor: Generated<string>;
  decision: "approve" | "reject";
  comment: Generated<string>;
  /** Whom the transaction had proven to act for; filled in by the database. */
  principal: ColumnType<Principal | null, never, never>;
  decided_at: Timestamp;
}

/** One row. */
interface InstallationTable {
  id: Generated<string>;
}

type FileJson = Json<Readonly<Record<string, unknown>>>;

interface DraftsTable {
  id: string;
  prompt: string;
  base_version: number | null;
  account: string;
  owner: string;
  document: FileJson;
  sample_values: FileJson;
  revision: Generated<number>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface DailySpendingTable {
  account: string;
  day: string;
  owner: string;
  spent_usd: Generated<Money>;
  reserved_usd: Generated<Money>;
}

interface DraftRevisionsTable {
  draft: string;
  revision: number;
  base_version: number | null;
  document: FileJson;
  is_kept: Generated<boolean>;
  at: Timestamp;
}

interface ManifestsTable {
  repository: string;
  branch: string;
  commit: string;
  committed_at: ColumnType<Date, Date, Date>;
  owner: "git" | "both";
  revision: Generated<number>;
  published_by: Generated<string>;
  asserted_by: string | null;
  published_at: Timestamp;
}

interface EnvironmentsTable {
  repository: string;
  position: number;
  name: string;
  label: string;
  model: string;
  tenant: string;
  from_environment: string | null;
  live_for_ms: number;
}

interface ManifestPromptsTable {
  prompt: string;
  repository: string;
  path: string;
  sha256: string;
}

interface DeliveriesTable {
  id: Generated<string>;
  prompt: string;
  commit: string;
  repository: string;
  branch: string;
  version_id: string;
  /** Environment to the digest of its policy. */
  policies: ColumnType<Readonly<Record<string, string>>, string | undefined, string>;
  needs_approval: Generated<string[]>;
  also: Generated<("refused" | "older")[]>;
  state: Generated<DeliveryState>;
  reason: Generated<string>;
  wakes_at: OptionalTimestamp;
  awaits: ColumnType<readonly AwaitedRollout[], string | undefined, string>;
  started_by: Generated<string>;
  asserted_by: string | null;
  started_at: Timestamp;
  updated_at: Timestamp;
  ended_at: OptionalTimestamp;
}

interface PropagationsTable {
  id: string;
  version_id: string;
  /** Empty: the newest version of each dependant. */
  label: Generated<string>;
  rollout: Generated<boolean>;
  needs_approval: Generated<boolean>;
  max_cost_usd: ColumnType<string | null, number | null, never>;
  started_by: Generated<string>;
  asserted_by: string | null;
  started_at: Timestamp;
  updated_at: Timestamp;
  ended_at: OptionalTimestamp;
  reason: Generated<string>;
}

interface PropagationStepsTable {
  propagation_id: string;
  prompt: string;
  position: number;
  level: number;
  from_version: string;
  needs: Generated<string[]>;
  state: Generated<PropagationState>;
  reason: Generated<string>;
  version_id: string | null;
  max_cost_usd: ColumnType<string | null, number | null, number | null>;
  evaluation_id: string | null;
  rollout_id: string | null;
  updated_at: Timestamp;
}

interface BundleTargetsTable {
  place: string;
  pointers_md5: string | null;
  sha256: string | null;
  written_at: OptionalTimestamp;
  claimed_until: Timestamp;
  claim: string | null;
  problem: string | null;
  failing_since: OptionalTimestamp;
}

interface DriftTable {
  repository: string;
  prompt: string;
  environment: string;
  label: string;
  model: string;
  tenant: string;
  kind: Drift["kind"];
  live: string | null;
  rollout_id: string | null;
  message: string;
  since: Timestamp;
  told_at: OptionalTimestamp;
}

interface DriftLooksTable {
  one: Generated<boolean>;
  looked_at: Timestamp;
}

interface TombstonesTable {
  kind: string;
  subject: string;
  removed: number;
  removed_at: Timestamp;
}

interface RetentionRunsTable {
  id: string;
  started_at: Timestamp;
  ended_at: OptionalTimestamp;
  periods: Json<RetentionPeriods>;
  removed: Json<Readonly<Record<string, number>>>;
  problems: Json<Readonly<Record<string, string>>>;
}
