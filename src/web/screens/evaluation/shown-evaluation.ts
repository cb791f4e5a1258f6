import type { TestedAnswer } from "../../../domain/shapes/playground.ts";
import type { TestsReading } from "../../../domain/rollout/reading.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";
import type { CaseKind } from "../../../domain/shapes/case-kinds.ts";
import type { Page } from "../../data/page.ts";

/** An evaluation, as `GET /v1/evaluations/ID` has it. */
export interface ShownEvaluation {
  readonly evaluationId: string;
  readonly prompt: string;
  readonly candidate: string;
  readonly baseline: string | null;
  readonly rolloutId: string | null;
  readonly state: "running" | "ended" | "failed";
  readonly verdict: "pass" | "fail" | "insufficient" | null;
  readonly reason: string | null;
  readonly costUsd: number | null;
  readonly maxCostUsd: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly recorded: number;
  readonly errors: number;
  readonly runs: number | null;
  readonly tests: TestsReading;
  readonly can: Rights<"stop">;
  readonly report: {
    readonly dataset: { readonly name: string; readonly sha256: string };
    readonly judge: { readonly model: string };
    readonly repeats: number;
    readonly reused: number;
    readonly tokens: { readonly input: number; readonly output: number };
    /** What the models that it falls back to made of a part of the cases. */
    readonly fallbacks?: readonly {
      readonly arm: string;
      readonly model: string;
      readonly cases: number;
      readonly passed: number;
      readonly errors: number;
    }[];
    readonly findings: readonly { readonly severity: string; readonly message: string }[];
    readonly warnings: readonly string[];
  } | null;
}

export interface ShownCase {
  readonly caseIndex: number;
  readonly description: string | null;
  readonly vars: Readonly<Record<string, unknown>> | null;
  readonly loss: number | null;
  readonly candidate: readonly TestedAnswer[];
  readonly baseline: readonly TestedAnswer[];
}

export interface CasesPage extends Page<ShownCase> {
  readonly counts: Readonly<Record<CaseKind, number>>;
}

/** What a case is called: by its description, else by its first value. */
export function nameOf({ caseIndex, description, vars }: ShownCase): string {
  const first = Object.values(vars ?? {}).find((value) => typeof value === "string");
  const name = description ?? (typeof first === "string" ? first : `Case ${caseIndex + 1}`);
  return name.length > 120 ? `${name.slice(0, 119)}…` : name;
}

/** Why it did not pass: the first failed assertion's reason, or what went wrong with the call. */
export function whyOf(results: readonly TestedAnswer[]): string {
  const bad = results.find(({ pass }) => !pass);
  if (!bad) return "";
  return bad.error ?? bad.assertions.find(({ pass }) => !pass)?.reason ?? "";
}
