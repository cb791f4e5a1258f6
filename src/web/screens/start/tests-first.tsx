import { counted } from "../../../domain/text/counted.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import type { RulesForm } from "./rules-form.ts";

/** What has to be passed before any user gets it. */
export function TestsFirst({
  rules: { dataset, serves },
  form: { gate },
}: {
  readonly rules: RolloutRules;
  readonly form: RulesForm;
}) {
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
        are known already are not asked for again.
      </p>
    </fieldset>
  );
}
