import type { EnrolledArm } from "./assignment.ts";
import type { FleetConfirmation } from "../fleet.ts";
import type { Ledger } from "./ledger.ts";
import type { Finding } from "../finding.ts";
import type { RolloutSetting } from "./reading.ts";
import type { Evidence } from "./verdict.ts";

export type Phase =
  | "validating"
  | "evaluating"
  | "awaiting_approval"
  | "canary"
  | "promoting"
  | "watching"
  | "rolling_back"
  | "done";

/** Whose decision a rollout waits for: an approval before one of two points, or an operator's when it is inconclusive. */
export type WaitingFor = "canary" | "promote" | "operator";

export type Outcome =
  | "promoted"
  | "rolled_back"
  | "rejected"
  | "inconclusive"
  | "aborted"
  | "superseded"
  | "failed";

/**
 * What came in for a rollout, counted by what became of it: outcomes that are analysed (`joined`), outcomes
 * that are stored only (of a unit that was never exposed, of a version that its arm does not serve, after the
 * rollout ended), values that came after their unit was folded or were no measurements, exposures that were
 * refused (an epoch that never was, a rollout that has ended), claimed a second arm, or came after enrolment had
 * ended at max_units, outcomes that are older than what retention has removed, and those of either version that
 * services had no room for.
 */
export type IntakeKind =
  | "joined"
  | "unenrolled"
  | "wrong_version"
  | "after_end"
  | "late_value"
  | "refused_value"
  | "refused_exposure"
  | "conflicting_arm"
  | "after_enrolment"
  | "too_old"
  | "dropped_candidate"
  | "dropped_control";

/** What a rollout's gate has come to. */
export interface RolloutGate {
  /** Null while it runs. */
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  /** What an insufficient verdict looks like; only `fine` goes on to a canary. */
  readonly looks: "fine" | "worse" | "not_delivered" | null;
  readonly reason: string | null;
  /** Calls that have a result so far, of both versions. */
  readonly results: number;
  /** What the built-in checks found in the candidate. */
  readonly findings: readonly Finding[];
}

/** What `rollout status --json` prints, read from Postgres alone. */
export interface RolloutStatus {
  readonly rolloutId: string;
  readonly prompt: string;
  readonly label: string;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@2`. */
  readonly candidate: string;
  readonly baseline: string | null;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  /** 1-based canary stage, 0 before the canary. */
  readonly stage: number;
  readonly stages: number;
  /** Per cent of units that get the candidate, 0 to 100. */
  readonly share: number;
  readonly paused: boolean;
  /** The so many-th try of the same content in this scope within 30 days. */
  readonly attempt?: number;
  /** What earlier promotions since the anchor may have lost, by metric. */
  readonly ledger?: Ledger | null;
  readonly units: Readonly<Record<EnrolledArm, number>>;
  readonly evidence: readonly Evidence[];
  readonly verdict: string | null;
  /** The number of the newest look at the evidence; null before the first. */
  readonly tick?: number | null;
  /** Of the scope's pointer: it rises with each move. */
  readonly revision?: number | null;
  /** Whose decision it waits for; null: nobody's. */
  readonly waitingFor?: WaitingFor | null;
  /** What sentences about it need beside the rest. */
  readonly setting?: RolloutSetting;
  /** Null before the gate has begun, and where the policy has none. */
  readonly gate?: RolloutGate | null;
  /** What an operator should look at, though nothing was decided by it: of the newest look. */
  readonly alerts?: readonly string[];
  /** What came in, by what became of it; a kind that never came is left out. */
  readonly intake?: Readonly<Partial<Record<IntakeKind, number>>>;
  /** How its promotion reached the resolvers that serve the prompt; null before it, or where nobody could tell. */
  readonly fleet?: FleetConfirmation | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly startedBy: string;
  readonly workflowId: string;
  readonly runId: string | null;
}

/** The reason of a rollout that its gate has stopped. */
export function gateReason({ reason }: { readonly reason: string | null }): string {
  return `gate: ${reason}`;
}

/**
 * 0 yes, 1 no, 3 not enough evidence, 4 conflict, 5 failed: what `--wait` exits with. A rejection by a gate that
 * could not decide is not enough evidence.
 */
export function outcomeExitCode(
  outcome: Outcome,
  status?: Pick<RolloutStatus, "gate" | "reason">,
): 0 | 1 | 3 | 4 | 5 {
  switch (outcome) {
    case "promoted":
      return 0;
    case "rejected":
      return status?.gate?.verdict === "insufficient" && status.reason === gateReason(status.gate) ? 3 : 1;
    case "rolled_back":
    case "aborted":
      return 1;
    case "inconclusive":
      return 3;
    case "superseded":
      return 4;
    case "failed":
      return 5;
  }
}
