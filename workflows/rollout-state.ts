import { setCurrentDetails, upsertSearchAttributes, type CancellationScope } from "@temporalio/workflow";
import type { WatchResult } from "../src/protocol/activity-values.ts";
import type { Outcome, Phase } from "../src/domain/rollout/rollout.ts";
import { OUTCOME_ATTRIBUTE, PHASE_ATTRIBUTE } from "./search-attributes.ts";
import type { RolloutInput } from "../src/protocol/activity-values.ts";
import type { ControlRequest, RolloutProgress } from "../src/protocol/rollout-messages.ts";

export interface PromotionRequest {
  answer: { readonly granted: boolean; readonly missing: string | null } | null;
}

/** What a running rollout remembers between its steps. */
export interface RolloutState {
  readonly input: RolloutInput;
  baseline: string | null;
  phase: Phase;
  stages: readonly number[];
  /** 1-based; 0 before the canary. */
  stage: number;
  epoch: number;
  paused: boolean;
  /** Pauses and resumes are applied one after the other: this is the last of them. */
  lastPause: Promise<unknown>;
  /** An operator's request to promote that nobody has answered yet. */
  promotion: PromotionRequest | null;
  waitingFor: string | null;
  /** Inconclusive, and an operator is to decide. */
  onHold: boolean;
  aborted: ControlRequest | null;
  /** How it is ending: from here on nothing that is asked can change it. */
  ending: Outcome | null;
  /** Its row was closed by somebody else, as by a rollback. */
  closed: boolean;
  gate: string | null;
  /** What the built-in checks found, one sentence each. */
  findings: readonly string[];
  notifies: boolean;
  /** Of its watches, in ms; null: the usual one. */
  watchHeartbeatMs: number | null;
  newest: WatchResult | null;
  outcome: Outcome | null;
  reason: string | null;
  /** Raised by approve and reject: there may be a new row to read. */
  decisionHints: number;
  /** The watch that a change of control interrupts, so that it is started again under the new one. */
  watching: CancellationScope | null;
}

export function newState(input: RolloutInput): RolloutState {
  return {
    input,
    baseline: null,
    phase: "validating",
    stages: [],
    stage: 0,
    epoch: 0,
    paused: false,
    lastPause: Promise.resolve(),
    promotion: null,
    waitingFor: null,
    onHold: false,
    aborted: null,
    ending: null,
    closed: false,
    gate: null,
    findings: [],
    notifies: false,
    watchHeartbeatMs: null,
    newest: null,
    outcome: null,
    reason: null,
    decisionHints: 0,
    watching: null,
  };
}

export function progressOf(state: RolloutState): RolloutProgress {
  return {
    rolloutId: state.input.rolloutId,
    candidate: state.input.candidate,
    phase: state.phase,
    stage: state.stage,
    paused: state.paused,
    waitingFor: state.waitingFor,
    verdict: state.newest?.verdict ?? null,
    reason: state.reason ?? state.newest?.reason ?? null,
  };
}

/** Shows a phase in the Temporal UI: a search attribute to filter by, and the story so far. */
export function show(state: RolloutState, phase: Phase = state.phase): void {
  if (phase !== state.phase) {
    state.phase = phase;
    upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: phase }]);
  }
  setCurrentDetails(describe(state));
}

export function showOutcome(state: RolloutState, outcome: Outcome, reason: string): void {
  state.phase = "done";
  state.outcome = outcome;
  state.reason = reason;
  state.waitingFor = null;
  upsertSearchAttributes([
    { key: PHASE_ATTRIBUTE, value: "done" },
    { key: OUTCOME_ATTRIBUTE, value: outcome },
  ]);
  setCurrentDetails(describe(state));
}

function describe(state: RolloutState): string {
  const lines = [`**${state.input.candidate}** against ${state.baseline ?? "nothing yet"}`, ""];
  if (state.outcome) lines.push(`**${state.outcome}**: ${state.reason}`);
  else lines.push(`Phase: **${state.phase}**${state.paused ? " (paused)" : ""}`);
  if (state.waitingFor) lines.push("", `Waiting for ${state.waitingFor}`);
  if (state.gate) lines.push("", `Gate: ${state.gate}`);
  if (state.findings.length > 0) lines.push("", ...state.findings.map((one) => `- ${one}`));
  if (state.stage > 0 && !state.outcome)
    lines.push(
      "",
      `Stage ${state.stage} of ${state.stages.length}: ${(state.stages[state.stage - 1] ?? 0) / 100} % to the candidate`,
    );
  if (state.newest) lines.push("", ...evidenceTable(state.newest));
  return lines.join("\n");
}

function evidenceTable(watch: WatchResult): string[] {
  const number = (value: number | null) => (value === null ? "-" : String(+value.toPrecision(4)));
  return [
    `Units: ${watch.units.candidate} candidate, ${watch.units.control} control. Verdict: **${watch.verdict}**: ${watch.reason}`,
    "",
    "| metric | role | candidate | control | difference | 95 % interval | |",
    "|---|---|---|---|---|---|---|",
    ...watch.metrics.map(
      (line) =>
        `| ${line.metric} | ${line.role} | ${number(line.candidate)} | ${number(line.control)} | ${number(line.diff)} | ${
          line.ci ? `${number(line.ci[0])} to ${number(line.ci[1])}` : "-"
        } | ${line.verdict} |`,
    ),
  ];
}
