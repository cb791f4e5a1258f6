import type { DailyBudget, PlaygroundAct, ValuesOfCase } from "../../../domain/shapes/playground.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";

/** What a prompt can be tried with, as `GET /v1/playground` has it. */
export interface Playground {
  readonly cases: readonly ValuesOfCase[];
  readonly budget: DailyBudget;
  readonly can: Rights<PlaygroundAct>;
}
