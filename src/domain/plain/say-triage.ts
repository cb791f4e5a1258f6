import type { TestedVersion, TriageCause, TriageTests } from "../shapes/monitors.ts";
import { counted } from "../text/counted.ts";
import { percent } from "../text/percent.ts";

/** Said where the tests would tell more, and nobody has set that they are asked. */
export const ASK_AGAIN = "Ask its tests again to tell the version from the vendor's model: sluice eval.";
export const ASKING = "Its tests are being asked again, to tell the version from the vendor's model.";

/** What tests that were asked again for an alert say, a sentence each, what matters most first. */
export function sayTests(cause: TriageCause, tests: TriageTests): string[] {
  const { live, previous, rollback } = tests;
  if (!live) return [];
  return [
    because(cause, live, previous),
    `Its tests were asked again: ${passes(live)}${previous ? `; of ${previous.version}, which was live before it, ${passes(previous)}` : ""}.`,
    ...(rollback === null
      ? []
      : [
          rollback.done
            ? `It was rolled back to ${rollback.to}.`
            : `It was not rolled back to ${rollback.to}: ${rollback.refusal ?? "it was refused"}.`,
        ]),
  ];
}

/** Why the tests say nothing, as a sentence. */
export function sayNoTests(problem: string): string {
  return `Its tests could not be asked again: ${problem.replace(/\.$/, "")}.`;
}

function because(
  cause: TriageCause,
  { version, referencePassRate }: TestedVersion,
  previous: TestedVersion | null,
): string {
  switch (cause) {
    case "model":
      return previous
        ? `The vendor's model answers otherwise than it did: a rollback to ${previous.version} would not help.`
        : "The vendor's model answers otherwise than it did, and there is no version before to roll back to.";
    case "version":
      return `${version} alone answers its tests worse: a rollback to ${previous?.version ?? "the version before"} would help.`;
    case "traffic":
      return `${version} answers its tests as it did: what callers send has changed.`;
    case "unknown":
      return referencePassRate === null
        ? "Its tests do not tell whose doing it is: nobody has asked them when it went live."
        : "Its tests do not tell whose doing it is.";
  }
}

function passes({ cases, passRate, referencePassRate }: TestedVersion): string {
  const now = `${percent(passRate ?? 0)} of ${counted(cases ?? 0, "case")} pass`;
  return referencePassRate === null ? now : `${now}, it was ${percent(referencePassRate)}`;
}
