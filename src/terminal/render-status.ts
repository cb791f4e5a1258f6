import { grouped as count } from "../domain/text/counted.ts";
import { inOneLine } from "../domain/plain/said.ts";
import { sayLine } from "../domain/plain/say-metric.ts";
import { sayRollout } from "../domain/plain/say-rollout.ts";
import { createPaint, type Paint } from "./paint.ts";
import { describeConfirmation } from "../domain/fleet.ts";
import { gateReason, type IntakeKind, type Outcome, type RolloutStatus } from "../domain/rollout/rollout.ts";
import { findingLines } from "./finding-lines.ts";
import type { Evidence } from "../domain/rollout/verdict.ts";
import { clock, columns, figure, signed, span, wrap } from "./text-layout.ts";

export interface RenderOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly color: boolean;
}

/**
 * Where a rollout stands, as lines for an operator who need not know statistics: the phase, who gets what,
 * each metric with its interval and what it says, and why.
 */
export function renderStatus(status: RolloutStatus, { width, color }: RenderOptions): string[] {
  const paint = createPaint(color);
  const scope = [
    status.label,
    status.model && `model ${status.model}`,
    status.tenant && `tenant ${status.tenant}`,
  ];
  const took =
    status.endedAt === null
      ? ""
      : `, took ${span(Date.parse(status.endedAt) - Date.parse(status.startedAt))}`;
  const lines = [
    ...wrap(`${status.candidate} for ${scope.filter(Boolean).join(", ")}`, width).map(paint.bold),
    ...painted(phaseSentence(status), width, phasePaint(status, paint)),
    ...plainLines(status, width),
    ...wrap(
      `${status.baseline === null ? "nothing to compare with" : `compared with ${status.baseline}`}, started ${clock(status.startedAt)} by ${status.startedBy}${took}`,
      width,
    ).map(paint.dim),
  ];
  if ((status.attempt ?? 1) > 1)
    lines.push(
      ...wrap(
        `attempt ${status.attempt} of the same content within 30 days: decided more strictly than the first`,
        width,
      ),
    );
  const { candidate, control } = status.units;
  if (candidate + control > 0)
    lines.push(...wrap(`units so far: ${count(candidate)} candidate, ${count(control)} control`, width));
  // Where no service has the prompt in memory there is nobody to wait for, and nothing to say.
  if (status.fleet && status.fleet.live > 0)
    lines.push(...wrap(`promotion confirmed by ${describeConfirmation(status.fleet)}`, width));
  lines.push(...gateLines(status, width, paint));
  if (status.evidence.length > 0) lines.push("", ...evidenceLines(status, width, paint));
  if (status.outcome === null && status.reason)
    lines.push("", ...painted(`${verdictWord(status.verdict)}${status.reason}`, width, (text) => text));
  // A hold stands in the reason already.
  const alerts =
    status.outcome === null ? (status.alerts ?? []).filter((one) => !status.reason?.includes(one)) : [];
  lines.push(...alerts.flatMap((alert) => painted(`alert: ${alert}`, width, paint.yellow)));
  const aside = intakeSentence(status.intake ?? {});
  if (aside !== "") lines.push(...painted(aside, width, paint.dim));
  return lines;
}

/** The same as a page would say it, with what is left to be shown. */
function plainLines(status: RolloutStatus, width: number): string[] {
  if (!status.setting) return [];
  const { word, text } = sayRollout(status, {
    time: (iso) => clock(iso),
    msUntil: (iso) => Date.parse(iso) - Date.now(),
  });
  return wrap(`${word}. ${text}`, width);
}

/** What the gate came to, unless the outcome says it already, and what the built-in checks found. */
function gateLines({ gate, reason }: RolloutStatus, width: number, paint: Paint): string[] {
  if (!gate) return [];
  const word = { pass: "passed", fail: "failed", insufficient: "cannot tell" };
  const isKnown = gate.reason === null || reason === gateReason(gate);
  return [
    ...(gate.verdict === null || isKnown ? [] : wrap(`gate ${word[gate.verdict]}: ${gate.reason}`, width)),
    ...findingLines(gate.findings, { width, paint }),
  ];
}

const NOT_ANALYSED: readonly (readonly [IntakeKind, string])[] = [
  ["unenrolled", "outcomes of units that were never exposed"],
  ["wrong_version", "outcomes of a version that their arm does not serve"],
  ["after_end", "outcomes after the end"],
  ["late_value", "values after their unit was counted"],
  ["refused_value", "values that are no measurements"],
  ["refused_exposure", "exposures after the end or of another epoch"],
  ["conflicting_arm", "exposures in a second arm"],
  ["after_enrolment", "exposures after max_units were enrolled"],
  ["too_old", "outcomes older than what is kept"],
];
const DROPPED = ["dropped_candidate", "dropped_control"] as const satisfies readonly IntakeKind[];

/** What is not in the numbers, received or not: nothing is dropped silently. */
function intakeSentence(intake: NonNullable<RolloutStatus["intake"]>): string {
  const parts = NOT_ANALYSED.flatMap(([kind, what]) => {
    const n = intake[kind] ?? 0;
    return n > 0 ? [`${what} (${count(n)})`] : [];
  });
  const dropped = DROPPED.reduce((sum, kind) => sum + (intake[kind] ?? 0), 0);
  return [
    parts.length === 0 ? "" : `received but not analysed: ${parts.join(", ")}`,
    dropped === 0 ? "" : `never received: outcomes that services had no room for (${count(dropped)})`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** One sentence: what is happening, and to whom. */
export function phaseSentence(status: RolloutStatus): string {
  const paused = status.paused ? " (paused: it neither advances nor is promoted)" : "";
  switch (status.phase) {
    case "validating":
      return "starting";
    case "evaluating":
      return "gate: the test cases are being run";
    case "awaiting_approval": {
      const share = status.share > 0 ? `${figure(status.share)} % of units get it; ` : "";
      return `${share}waiting for approval: sluice rollout approve ${status.candidate} (or reject)`;
    }
    case "canary":
      return status.stage === 0
        ? `canary: being opened${paused}`
        : `canary, stage ${status.stage} of ${status.stages}: ${figure(status.share)} % of units get it${paused}`;
    case "promoting":
      return "being promoted";
    case "watching":
      return `promoted: everybody gets it, but for a holdback of ${figure(status.share)} % that is watched${paused}`;
    case "rolling_back":
      return "all traffic goes back to the baseline";
    case "done":
      return outcomeSentence(status);
  }
}

/** `promoted: every guardrail holds …`. */
export function outcomeSentence(status: Pick<RolloutStatus, "outcome" | "reason">): string {
  const { outcome, reason } = status;
  if (outcome === null) return "ended";
  if (reason === null) return OUTCOMES[outcome];
  return reason.startsWith(OUTCOMES[outcome]) ? reason : `${OUTCOMES[outcome]}: ${reason}`;
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  promoted: "promoted",
  rolled_back: "rolled back",
  rejected: "rejected",
  inconclusive: "inconclusive",
  aborted: "aborted",
  superseded: "superseded",
  failed: "failed",
};

const VERDICTS: Readonly<Record<Evidence["verdict"], string>> = {
  ok: "fine",
  met: "met",
  not_yet: "not yet",
  harm: "harm",
  breached: "over its limit",
  not_enough_data: "too few",
  invalid: "invalid",
};

function verdictWord(verdict: string | null): string {
  return verdict === null || verdict === "continue" ? "" : `${verdict.replaceAll("_", " ")}: `;
}

function evidenceLines({ evidence, setting }: RolloutStatus, width: number, paint: Paint): string[] {
  // In plain words; what was compared, number by number, is in the record (sluice audit show).
  const says = (line: Evidence) => (setting ? inOneLine(sayLine(line, setting)) : line.note);
  const heads = [
    { head: "metric" },
    { head: "candidate", align: "right" },
    { head: "control", align: "right" },
    { head: "difference", align: "right" },
    { head: "95 % interval", align: "right" },
    { head: "verdict" },
  ] as const;
  const rows = evidence.map((line) => [
    line.role === "guardrail" ? line.metric : `${line.metric} (${line.role})`,
    figure(line.mean.candidate),
    figure(line.mean.control),
    signed(line.diff),
    line.ci === null ? "-" : `${signed(line.ci[0])} to ${signed(line.ci[1])}`,
    VERDICTS[line.verdict],
  ]);
  const lines = columns(heads, rows, width);
  // As a table: each metric's line, and under it why.
  if (lines.length === rows.length + 1)
    return [
      paint.dim(lines[0]!),
      ...evidence.flatMap((line, at) => [
        verdictPaint(line.verdict, paint)(lines[at + 1]!),
        ...wrap(says(line) + relative(line), width, "  ").map(paint.dim),
      ]),
    ];
  return evidence.flatMap((line, at) => {
    const [name, candidate, control, difference, interval, verdict] = rows[at]!;
    const numbers = `candidate ${candidate}, control ${control}, difference ${difference}${line.ci === null ? "" : ` (95 %: ${interval})`}`;
    return [
      ...wrap(`${name}: ${verdict}`, width).map(verdictPaint(line.verdict, paint)),
      ...(line.mean.candidate === null ? [] : wrap(numbers, width, "  ")),
      ...wrap(says(line) + relative(line), width, "  ").map(paint.dim),
    ];
  });
}

/** The difference as a part of the control's, and how surprising it would be if there were none. */
function relative({ lift, pDifference }: Evidence): string {
  const parts = [
    lift === undefined ? "" : `${signed(lift * 100)} %`,
    pDifference === undefined ? "" : `p ${figure(pDifference)}`,
  ];
  return parts.some(Boolean) ? ` (${parts.filter(Boolean).join(", ")})` : "";
}

function painted(text: string, width: number, paint: (text: string) => string): string[] {
  return wrap(text, width).map(paint);
}

function phasePaint({ outcome, phase }: RolloutStatus, paint: Paint): (text: string) => string {
  if (outcome === "promoted" || phase === "watching") return paint.green;
  if (outcome === "inconclusive" || outcome === "superseded" || phase === "awaiting_approval")
    return paint.yellow;
  return outcome === null ? paint.cyan : paint.red;
}

function verdictPaint(verdict: Evidence["verdict"], paint: Paint): (text: string) => string {
  if (verdict === "met") return paint.green;
  if (verdict === "harm" || verdict === "breached" || verdict === "invalid") return paint.red;
  return (text) => text;
}
