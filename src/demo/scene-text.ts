import { counted } from "../domain/text/counted.ts";
import { outcomeSentence } from "../terminal/render-status.ts";
import { figure, signed } from "../terminal/text-layout.ts";
import type { Evidence } from "../domain/rollout/verdict.ts";
import type { Scene } from "./run-chapters.ts";

/** What the gate says, in a sentence; undefined while it has not begun. */
export function gateSentence({ gate }: Scene): string | undefined {
  if (!gate) return undefined;
  if (gate.verdict === null) return `gate: ${counted(gate.results, "call")} done`;
  const verdict = { pass: "gate passed", fail: "gate failed", insufficient: "gate" }[gate.verdict];
  return `${verdict}: ${gate.reason ?? ""}`;
}

/** `rating +0.71 (+0.40 to +1.02)`: one metric in a few words; undefined before it has values. */
export function evidencePhrase({ metric, mean, diff, ci }: Evidence): string | undefined {
  if (mean.candidate === null || mean.control === null) return undefined;
  if (diff === null || ci === null)
    return `${metric} ${figure(mean.candidate)} against ${figure(mean.control)}`;
  return `${metric} ${signed(diff)} (${signed(ci[0])} to ${signed(ci[1])})`;
}

/** The metrics themselves: the checks of the data are not news while they hold. */
export function shownEvidence(scene: Scene): readonly Evidence[] {
  return scene.status.evidence.filter(({ role }) => role === "goal" || role === "guardrail");
}

export function endSentence({ status }: Scene): string {
  return outcomeSentence(status);
}

/** Whether the rollout ended as its chapter expects. */
export function endedAsExpected({ chapter, status }: Scene): boolean {
  return status.outcome === chapter.expected;
}
