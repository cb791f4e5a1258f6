import { unavailable } from "../../domain/errors.ts";
import type { Assessment } from "../../domain/rollout/verdict.ts";
import { assess, DECISION_CODE_VERSION, type AssessmentInput } from "./assessment.ts";
import { assessByVersionTwo } from "./version-2/assess.ts";

/** Every version of the decision rules that can still be asked. */
const RULES: Readonly<Record<string, (input: AssessmentInput) => Assessment>> = {
  "2": assessByVersionTwo,
  [DECISION_CODE_VERSION]: assess,
};

/** `2`, `3`: oldest first. */
export const DECISION_CODE_VERSIONS: readonly string[] = Object.keys(RULES);

/**
 * One look by the rules of a version: those that a rollout began under, or that a stored look was decided by.
 * A version that this Sluice does not have is `unavailable`: a newer Sluice has it.
 */
export function decide(input: AssessmentInput, version: string): Assessment {
  const rules = Object.hasOwn(RULES, version) ? RULES[version] : undefined;
  if (!rules)
    throw unavailable(
      `version ${version} of the decision rules is not in this Sluice, which has ${DECISION_CODE_VERSIONS.join(" and ")}: use the Sluice that started the rollout, or a newer one`,
      { version, versions: DECISION_CODE_VERSIONS },
    );
  return rules(input);
}
