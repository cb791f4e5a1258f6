import { sayTests } from "../../../domain/plain/say-tests.ts";
import { settingOf, shortName } from "../../../domain/plain/telling.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import { evaluationPath } from "../../route.ts";
import { Section } from "../../parts/page.tsx";
import type { ShownRollout } from "./shown-rollout.ts";

/** What the test cases came to, before any user saw the version. */
export function TestsSaid({
  status,
  record,
}: {
  readonly status: ShownRollout;
  readonly record: RolloutHistory | undefined;
}) {
  const { tests } = settingOf(status);
  if (!tests) return null;
  const { word, text } = sayTests(tests, status.baseline === null ? null : shortName(status.baseline));
  const cost = record?.gate?.costUsd;
  const evaluation = record?.gate?.evaluationId;
  return (
    <Section title="Tests">
      <p class="card">
        <strong>{word}</strong> {text}
        {typeof cost === "number" && (
          <span class="note"> They cost ${cost.toFixed(cost < 0.1 ? 4 : 2)}.</span>
        )}
        {evaluation !== undefined && (
          <>
            {" "}
            <a href={evaluationPath(evaluation)}>See all cases</a>
          </>
        )}
      </p>
    </Section>
  );
}
