import { counted } from "../../domain/text/counted.ts";
import type { RolloutStatus } from "../../domain/rollout/rollout.ts";
import { phaseSentence } from "../../terminal/render-status.ts";
import { clock, figure, signed } from "../../terminal/text-layout.ts";

const QUIET_MS = 5_000;

/** Turns one status after the other into lines: one whenever something has changed, and numbers now and then. */
export function progressLines(print: (line: string) => void, now: () => number = Date.now) {
  let sentence = "";
  let numbers = "";
  let printedAt = 0;
  return (status: RolloutStatus): void => {
    const current = phaseSentence(status);
    const counted = numbersOf(status);
    const changed = current !== sentence;
    if (!changed && (counted === numbers || now() - printedAt < QUIET_MS)) return;
    [sentence, numbers, printedAt] = [current, counted, now()];
    const ended = status.phase === "done";
    print(
      `${clock(new Date(now()).toISOString())}  ${status.candidate}  ${current}${ended || counted === "" ? "" : `; ${counted}`}`,
    );
  };
}

function numbersOf({ units, evidence, phase }: RolloutStatus): string {
  if (phase !== "canary" && phase !== "watching" && phase !== "awaiting_approval") return "";
  if (units.candidate + units.control === 0) return "";
  const metrics = evidence
    .filter(({ role, diff }) => (role === "goal" || role === "guardrail") && diff !== null)
    .map(
      ({ metric, diff, ci }) =>
        `${metric} ${signed(diff)}${ci ? ` (${figure(ci[0])} to ${figure(ci[1])})` : ""}`,
    );
  return [`${units.candidate} v ${counted(units.control, "unit")}`, ...metrics].join(", ");
}
