import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import { PRESET_NAMES, PRESETS, presetForm, type RulesForm } from "./rules-form.ts";

/** How careful: as the prompt's policy says, or by one of three sets of steps. */
export function ChoiceOfCare({
  form,
  isOwn,
  hasOwn,
  usage,
  onChange,
}: {
  readonly form: RulesForm;
  /** The rules are those of the prompt's policy. */
  readonly isOwn: boolean;
  readonly hasOwn: boolean;
  readonly usage: RolloutRules["usage"];
  /** Undefined: back to the policy. */
  readonly onChange: (form: RulesForm | undefined) => void;
}) {
  const steps = JSON.stringify(form.canary?.stages);
  const chosen = isOwn
    ? undefined
    : PRESET_NAMES.find((name) => JSON.stringify(PRESETS[name].canary.stages) === steps);
  return (
    <fieldset class="cards">
      <legend>How careful?</legend>
      {hasOwn && (
        <label class="choice">
          <input type="radio" name="care" checked={isOwn} onChange={() => onChange(undefined)} />
          <strong>As the prompt’s policy says</strong>
          <span class="note">The rules that were pushed with it.</span>
        </label>
      )}
      {PRESET_NAMES.map((name) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name="care"
            checked={chosen === name}
            onChange={() => onChange(presetForm(name, form, usage))}
          />
          <strong>{PRESETS[name].title}</strong>
          <span class="note">{PRESETS[name].says}</span>
        </label>
      ))}
    </fieldset>
  );
}
