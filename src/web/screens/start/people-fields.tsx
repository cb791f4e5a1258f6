import { type Canary, typed, type RulesForm, withCanary } from "./rules-form.ts";

/** Who must say yes, what is watched afterwards, and everything that is seldom changed. */
export function PeopleFields({
  form,
  onChange,
}: {
  readonly form: RulesForm;
  readonly onChange: (form: RulesForm) => void;
}) {
  const { approval, canary, watch } = form;
  const before = [...new Set([approval?.before ?? []].flat())].toSorted().join("+");
  return (
    <>
      <fieldset>
        <legend>Who must say yes</legend>
        <div class="fields">
          <label>
            <span>Somebody has to agree</span>
            <select
              value={before}
              onChange={({ currentTarget }) => onChange(asked(form, currentTarget.value))}
            >
              <option value="">never: the tests and the users decide</option>
              {canary && <option value="canary">before any user sees it</option>}
              <option value="promote">before everybody gets it</option>
              {canary && <option value="canary+promote">at both points</option>}
            </select>
          </label>
          {approval && (
            <>
              <label>
                <span>How many people</span>
                <input
                  inputMode="numeric"
                  value={String(approval.approvers ?? 1)}
                  onInput={({ currentTarget }) =>
                    onChange({ ...form, approval: { ...approval, approvers: typed(currentTarget.value) } })
                  }
                />
              </label>
              <label class="tick-line">
                <input
                  type="checkbox"
                  checked={approval.distinct_author ?? true}
                  onChange={({ currentTarget }) =>
                    onChange({ ...form, approval: { ...approval, distinct_author: currentTarget.checked } })
                  }
                />
                <span>not whoever wrote the version</span>
              </label>
            </>
          )}
        </div>
      </fieldset>
      {canary && (
        <>
          <fieldset>
            <legend>Afterwards</legend>
            <div class="fields">
              <label>
                <span>Keep comparing for</span>
                <select
                  value={watch?.for ?? ""}
                  onChange={({ currentTarget: { value } }) => onChange(watched(form, value))}
                >
                  {[...new Set(["", "1d", "3d", "7d", ...(watch ? [watch.for] : [])])].map((time) => (
                    <option key={time} value={time}>
                      {time === ""
                        ? "no longer"
                        : `${time}, with ${watch?.holdback ?? "5%"} on the current version`}
                    </option>
                  ))}
                </select>
              </label>
            </div>
          </fieldset>
          <Rest canary={canary} onChange={(to) => onChange(withCanary(form, to))} />
        </>
      )}
    </>
  );
}

function asked({ approval, ...form }: RulesForm, before: string): RulesForm {
  if (before === "") return form;
  return { ...form, approval: { ...approval, before: before.split("+") } };
}

function watched({ watch, ...form }: RulesForm, time: string): RulesForm {
  return time === "" ? form : { ...form, watch: { ...watch, for: time } };
}

const NUMBERS = [
  { key: "min_units", says: "Users in each group at least" },
  { key: "max_units", says: "Users in each group at most" },
  { key: "max_duration", says: "Longest time (14d, 12h)" },
  { key: "interval", says: "A look every (30s, 5m)" },
  { key: "lease", says: "Without a worker, back to the current version after" },
] as const;

function Rest({
  canary,
  onChange,
}: {
  readonly canary: Canary;
  readonly onChange: (to: Partial<Canary>) => void;
}) {
  const { stages } = canary;
  return (
    <details class="rest">
      <summary>Everything else: steps, room and time</summary>
      <div class="fields">
        {stages.map((stage, at) => (
          <div key={at} class="step-fields">
            <label>
              <span>Step {at + 1}: share of users</span>
              <input
                value={stage.share}
                onInput={({ currentTarget: { value } }) =>
                  onChange({ stages: stages.with(at, { ...stage, share: value }) })
                }
              />
            </label>
            {at < stages.length - 1 && (
              <label>
                <span>for at least</span>
                <input
                  value={stage.for ?? ""}
                  onInput={({ currentTarget: { value } }) =>
                    onChange({ stages: stages.with(at, { ...stage, for: value }) })
                  }
                />
              </label>
            )}
          </div>
        ))}
        {NUMBERS.map(({ key, says }) => (
          <label key={key}>
            <span>{says}</span>
            <input
              value={String(canary[key] ?? "")}
              onInput={({ currentTarget: { value } }) =>
                onChange({ [key]: key.endsWith("units") ? typed(value) : value.trim() })
              }
            />
          </label>
        ))}
        <label>
          <span>Where it stays open</span>
          <select
            value={canary.on_inconclusive ?? "rollback"}
            onChange={({ currentTarget: { value } }) =>
              onChange({
                on_inconclusive: value,
                ...(value === "hold" && { hold_timeout: canary.hold_timeout ?? "1d" }),
              })
            }
          >
            <option value="rollback">everybody keeps the current version</option>
            <option value="hold">it waits a day for somebody to decide</option>
            <option value="promote_if_noninferior">it is released if it is no worse than allowed</option>
          </select>
        </label>
      </div>
    </details>
  );
}
