import { unavailable, type SluiceError } from "../../domain/errors.ts";
import { isOutageKind } from "../../providers/failure-kinds.ts";
import type { CaseResult } from "../grading/case-result.ts";
import { describeCase } from "../dataset/dataset.ts";
import type { CaseRun } from "./run-case.ts";

/**
 * Notices that an endpoint is unreachable, so that an evaluation of thousands of cases does not wait out the
 * retries of each: after that many outages in a row, the rest is not tried.
 */
export class OutageWatch {
  readonly #limit: number;
  #inARow = 0;
  hadSuccess = false;
  /** The last outage seen, in the endpoint's words. */
  worst: string | undefined;

  constructor(concurrency: number) {
    this.#limit = Math.max(4, 2 * concurrency);
  }

  note({ error, errorKind, broken }: CaseResult, { testCase, caseIndex }: CaseRun): void {
    // Of neither was the endpoint asked.
    if (errorKind === "not_run" || broken === "render") return;
    if (error === null || !isOutageKind(errorKind)) {
      // An answer that could not be used was an answer: the endpoint is there.
      this.hadSuccess = true;
      this.#inARow = 0;
      return;
    }
    this.#inARow += 1;
    this.worst = error.replace(`${describeCase(testCase, caseIndex)}: `, "");
  }

  /** Whether to give up on the endpoint. */
  get isOver(): boolean {
    return this.#inARow >= this.#limit;
  }

  asError(): SluiceError {
    return unavailable(`the evaluation cannot go on: ${this.worst}`, { kind: "outage" });
  }
}
