import type { CallTarget } from "../../providers/completion.ts";
import type { VersionCheck } from "../checks/check-version.ts";
import type { TestCase } from "../dataset/dataset.ts";
import type { Arm } from "./arm.ts";
import type { AskedFallback } from "./case-runs.ts";
import type { CaseRun } from "./run-case.ts";

/** An evaluation as it will be asked: everything that can be known before the first call. */
export interface PreparedEvaluation {
  readonly arms: readonly Arm[];
  /** Of the candidate. */
  readonly fallbacks: readonly AskedFallback[];
  /** Lists expanded. */
  readonly cases: readonly TestCase[];
  /** Every case run, in an order that depends on nothing but the dataset, the versions and the repeats. */
  readonly runs: readonly CaseRun[];
  readonly judge: CallTarget;
  /** What the built-in checks found. */
  readonly checked: VersionCheck;
  /** False when that has an error among it: then no model is asked. */
  readonly isSound: boolean;
  /** Cases that stand among the candidate's own examples. */
  readonly leaks: readonly string[];
}
