import type { RolloutPolicy } from "../policy/policy.ts";
import type { RolloutGate, RolloutStatus } from "../rollout/rollout.ts";
import type { Assessment } from "../rollout/verdict.ts";
import type { AuditLine } from "./audit.ts";

/** Everything that is kept of one rollout. */
export interface RolloutHistory {
  readonly rollout: RolloutStatus;
  readonly gate: {
    readonly evaluationId: string;
    readonly verdict: string | null;
    readonly reason: string | null;
    readonly looks: RolloutGate["looks"];
    readonly findings: RolloutGate["findings"];
    readonly datasetSha256: string;
    readonly costUsd: number | null;
    readonly endedAt: string | null;
  } | null;
  readonly approvals: readonly {
    readonly point: string;
    readonly decision: string;
    readonly login: string;
    readonly asserted: string;
    readonly comment: string;
    readonly at: string;
  }[];
  /** The decisions that changed something, and the last one. */
  readonly assessments: readonly {
    readonly tick: number;
    readonly at: string;
    readonly stage: number;
    readonly verdict: string;
    readonly reason: string;
  }[];
  /** The rules that it goes by, as they were when it began. */
  readonly policy: RolloutPolicy;
  /** How many looks at the evidence there were. */
  readonly ticks: number;
  /** The look that decided, whole: inputs, every number compared, and which code compared them. */
  readonly decision: DecisiveLook | null;
  readonly audit: readonly AuditLine[];
}

/** One look at the evidence whole: what was decided, from what, by which code. */
export interface DecisiveLook {
  readonly tick: number;
  readonly at: string;
  readonly verdict: string;
  readonly reason: string;
  readonly assessment: Assessment;
  readonly inputs: unknown;
  readonly codeVersion: string;
}
