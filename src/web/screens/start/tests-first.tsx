import { counted } from "../../../domain/text/counted.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import { span } from "../../../domain/plain/amounts.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import type { RulesForm } from "./rules-form.ts";

/** What has to be passed before any user gets it. */
export function TestsFirst({
  rules: { prompt, dataset, serves },
  form: { gate },
}: {
  readonly rules: RolloutRules;
  readonly form: RulesForm;
}) {
  const lately = useResource<Page<Tested>>(
    gate && dataset ? `/v1/evaluations?prompt=${encodeURIComponent(prompt)}&limit=5` : undefined,
  );
  if (!gate || !dataset)
    return (
      <fieldset>
        <legend>Tests</legend>
        <p class="note">
          None: the prompt has no policy with a gate. Give its policy test cases and push it, and every
          version is tested before any user gets it.
        </p>
      </fieldset>
    );
  const repeats = typeof gate["repeats"] === "number" ? gate["repeats"] : 1;
  const answers = dataset.cases * repeats * (serves === null ? 1 : 2);
  return (
    <fieldset>
      <legend>Tests</legend>
      <p>
        {counted(dataset.cases, "case")} of {String(gate["dataset"])}, before any user gets it:{" "}
        {counted(answers, "answer")} of the model
        {serves === null ? "" : ", half of them of the current version"}. Answers of the current version that
        are known already are not asked for again.{costOf(lately.value?.items ?? [])}
      </p>
    </fieldset>
  );
}

interface Tested {
  readonly costUsd: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** What they have cost and taken before tells more than any estimate. */
function costOf(evaluations: readonly Tested[]): string {
  const last = evaluations.find(({ endedAt }) => endedAt !== null);
  if (!last) return "";
  const took = span(Date.parse(last.endedAt ?? last.startedAt) - Date.parse(last.startedAt));
  const cost = last.costUsd === null ? "" : ` cost $${last.costUsd.toFixed(last.costUsd < 0.1 ? 4 : 2)} and`;
  return ` The last tests of this prompt${cost} took ${took}.`;
}
