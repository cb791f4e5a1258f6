import type { TestsReading } from "../../../domain/rollout/reading.ts";
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
  readonly report: {
    readonly dataset: { readonly name: string; readonly sha256: string };
    readonly judge: { readonly model: string };
    readonly repeats: number;
    readonly reused: number;
    readonly tokens: { readonly input: number; readonly output: number };
    readonly findings: readonly { readonly severity: string; readonly message: string }[];
    readonly warnings: readonly string[];
  } | null;
}

/** One answer to one case. */
export interface ShownResult {
  readonly arm: "candidate" | "baseline";
  readonly repeat: number;
  readonly pass: boolean;
  readonly score: number;
  readonly error: string | null;
  readonly output: string;
  readonly outputSha256?: string;
  readonly cutOff?: true;
  readonly reused?: boolean;
  readonly latencyMs: number;
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly assertions: readonly {
    readonly type: string;
    readonly pass: boolean;
    readonly score: number;
    readonly reason: string;
    readonly metric?: string;
  }[];
}

export interface ShownCase {
  readonly caseIndex: number;
  readonly description: string | null;
  readonly vars: Readonly<Record<string, unknown>> | null;
  readonly loss: number | null;
  readonly candidate: readonly ShownResult[];
  readonly baseline: readonly ShownResult[];
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
export function whyOf(results: readonly ShownResult[]): string {
  const bad = results.find(({ pass }) => !pass);
  if (!bad) return "";
  return bad.error ?? bad.assertions.find(({ pass }) => !pass)?.reason ?? "";
}
