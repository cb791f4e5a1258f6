import { counted } from "../../../domain/text/counted.ts";
import { Command } from "../../parts/page.tsx";
import type { ShownEvaluation } from "./shown-evaluation.ts";

/** What it was asked by, and what it cost. */
export function EvaluationFacts({ evaluation }: { readonly evaluation: ShownEvaluation }) {
  const { report, costUsd, maxCostUsd, candidate, recorded, errors } = evaluation;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Answers", recorded.toLocaleString("en")],
    [
      "Answers that never came",
      errors === 0 ? undefined : `${errors.toLocaleString("en")}, none counted as passed`,
    ],
    ["Cost", costUsd === null ? undefined : `$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`],
    ["May cost at most", maxCostUsd === null ? undefined : `$${maxCostUsd}`],
    ["Tokens", report ? (report.tokens.input + report.tokens.output).toLocaleString("en") : undefined],
    [
      "Known from before",
      report && report.reused > 0 ? `${report.reused.toLocaleString("en")} answers` : undefined,
    ],
    ["Repeats of each case", report ? String(report.repeats) : undefined],
    ...(report?.fallbacks ?? []).map(
      ({ arm, model, passed, cases, errors }) =>
        [
          `${nameOfFallback(arm)}, ${model}`,
          `${passed} of ${counted(cases, "case")} passed${errors === 0 ? "" : `, ${errors} without an answer`}`,
        ] as const,
    ),
    ["Judge", report?.judge.model],
    [
      "Dataset",
      report ? `${lastPart(report.dataset.name)}, ${report.dataset.sha256.slice(0, 12)}` : undefined,
    ],
  ];
  return (
    <aside>
      <div class="card">
        <h2>How it was tested</h2>
        <dl class="facts">
          {facts.map(
            ([name, text]) =>
              text !== undefined && (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ),
          )}
        </dl>
        {report &&
          [...report.findings.map(({ message }) => message), ...report.warnings].map((message) => (
            <p key={message} class="note">
              {message}
            </p>
          ))}
      </div>
      <div class="card">
        <h2>The same in a terminal</h2>
        <Command text={`sluice eval ${candidate}`} />
      </div>
    </aside>
  );
}

/** As its results call it: `fallback-1`. */
function nameOfFallback(arm: string): string {
  return `Fallback ${arm.slice(arm.lastIndexOf("-") + 1)}`;
}

/** Of a path on somebody's machine what means anything to others. */
function lastPart(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}
