import { value } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import {
  betterBy,
  type Canary,
  changed,
  knownMetrics,
  type Rail,
  type RulesForm,
  type Stop,
  typed,
  withCanary,
} from "./rules-form.ts";

interface FieldsProps {
  readonly form: RulesForm;
  readonly usage: RolloutRules["usage"];
  readonly onChange: (form: RulesForm) => void;
}

/** What decides, what must not get worse, and what stops at once. */
export function RulesFields({ form, usage, onChange }: FieldsProps) {
  const { canary } = form;
  if (!canary) return null;
  const change = (to: Partial<Canary>) => onChange(withCanary(form, to));
  const metrics = knownMetrics(form, usage);
  const { goal, guardrails = [], fuses = [] } = canary;
  const free = metrics.filter((name) => ![goal, ...guardrails].some(({ metric }) => metric === name));
  return (
    <>
      <fieldset>
        <legend>What decides</legend>
        <div class="fields">
          <MetricSelect
            label="Measured by"
            value={goal.metric}
            metrics={metrics}
            form={form}
            onChange={(metric) => change({ goal: { ...goal, metric, direction: betterBy(metric) } })}
          />
          <DirectionSelect rail={goal} onChange={(direction) => change({ goal: { ...goal, direction } })} />
          <label>
            <span>The new version has to be</span>
            <select
              value={goal.claim ?? "non_inferior"}
              onChange={({ currentTarget }) => change({ goal: withClaim(goal, currentTarget.value) })}
            >
              <option value="non_inferior">good enough: not worse than is allowed</option>
              <option value="superior">better, surely</option>
            </select>
          </label>
          {goal.claim !== "superior" && (
            <label>
              <span>
                How much worse is still fine <Today metric={goal.metric} form={form} usage={usage} />
              </span>
              <input
                value={String(goal.margin ?? "")}
                placeholder="0.1, 5% or 2pp"
                onInput={({ currentTarget }) =>
                  change({ goal: { ...goal, margin: typed(currentTarget.value) } })
                }
              />
            </label>
          )}
        </div>
      </fieldset>
      <fieldset>
        <legend>What must not get worse</legend>
        {guardrails.length === 0 && <p class="note">Nothing else is looked at.</p>}
        <ul class="rails">
          {guardrails.map((rail, at) => (
            <li key={rail.metric}>
              <RailFields
                rail={rail}
                form={form}
                usage={usage}
                onChange={(to) => change({ guardrails: changed(guardrails, at, to) })}
              />
            </li>
          ))}
        </ul>
        {free.length > 0 && (
          <Adding
            label="Add what must not get worse"
            metrics={free}
            form={form}
            onAdd={(metric) => change({ guardrails: [...guardrails, newRail(metric)] })}
          />
        )}
      </fieldset>
      <fieldset>
        <legend>Emergency stops</legend>
        {fuses.length === 0 && <p class="note">None: harm is still looked for at every look.</p>}
        <ul class="rails">
          {fuses.map((fuse, at) => (
            <li key={`${fuse.metric} ${at}`}>
              <StopFields
                fuse={fuse}
                form={form}
                onChange={(to) => change({ fuses: changed(fuses, at, to) })}
              />
            </li>
          ))}
        </ul>
        <Adding
          label="Add an emergency stop"
          metrics={metrics}
          form={form}
          onAdd={(metric) =>
            change({ fuses: [...fuses, { metric, [betterBy(metric) === "lower" ? "above" : "below"]: "" }] })
          }
        />
      </fieldset>
    </>
  );
}

function withClaim({ margin, ...goal }: Rail, claim: string): Rail {
  if (claim === "superior") return { ...goal, claim };
  return { ...goal, claim: "non_inferior", margin: margin ?? "5%" };
}

const RARE = /^(errors?|timeouts?|refusals?|any_trouble|unanswered)$/;

/** What is rare needs no margin of its own: what can be shown is allowed. */
function newRail(metric: string): Rail {
  const direction = betterBy(metric);
  return RARE.test(metric) ? { metric, direction } : { metric, direction, margin: "10%" };
}

const namesOf = ({ metrics = {} }: RulesForm) => ({
  names: metrics as Record<string, { title?: string; unit?: string }>,
});

function Today({ metric, form, usage }: { readonly metric: string } & Omit<FieldsProps, "onChange">) {
  const found = usage.baseline?.metrics.find((one) => one.metric === metric);
  if (!found) return null;
  const kind = RARE.test(metric)
    ? "rare"
    : form.metrics?.[metric]?.["kind"] === "proportion"
      ? "proportion"
      : "mean";
  return <span class="note">(today {value(found.mean, measureOf(metric, kind, namesOf(form)))})</span>;
}

function MetricSelect({
  label,
  value: chosen,
  metrics,
  form,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly metrics: readonly string[];
  readonly form: RulesForm;
  readonly onChange: (metric: string) => void;
}) {
  return (
    <label>
      <span>{label}</span>
      <select value={chosen} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {metrics.map((name) => (
          <option key={name} value={name}>
            {titleOf(name, namesOf(form))}
          </option>
        ))}
      </select>
    </label>
  );
}

function DirectionSelect({
  rail: { direction },
  onChange,
}: {
  readonly rail: Rail;
  readonly onChange: (direction: Rail["direction"]) => void;
}) {
  return (
    <label>
      <span>Better is</span>
      <select
        value={direction}
        onChange={({ currentTarget }) => onChange(currentTarget.value === "lower" ? "lower" : "higher")}
      >
        <option value="higher">higher</option>
        <option value="lower">lower</option>
      </select>
    </label>
  );
}

/** How a guardrail's limit is written, whichever of its kinds it has. */
const LIMITS = [
  { key: "margin", says: "How much worse is still fine" },
  { key: "tolerated_increase", says: "How much more often is still fine" },
  { key: "tolerated_ratio", says: "How many times as often is still fine" },
] as const;

function RailFields({
  rail,
  form,
  usage,
  onChange,
}: Omit<FieldsProps, "onChange"> & {
  readonly rail: Rail;
  readonly onChange: (rail: Rail | undefined) => void;
}) {
  const title = titleOf(rail.metric, namesOf(form));
  const limit = LIMITS.find(({ key }) => rail[key] !== undefined) ?? LIMITS[0];
  return (
    <div class="rail">
      <strong>{title}</strong>
      <label>
        <span>
          {limit.says} <Today metric={rail.metric} form={form} usage={usage} />
        </span>
        <input
          value={String(rail[limit.key] ?? "")}
          placeholder="as much as can be shown"
          onInput={({ currentTarget }) => onChange(withLimit(rail, limit.key, currentTarget.value))}
        />
      </label>
      <button type="button" class="small" onClick={() => onChange(undefined)}>
        Take out <span class="heard">{title}</span>
      </button>
    </div>
  );
}

function withLimit(rail: Rail, key: (typeof LIMITS)[number]["key"], text: string): Rail {
  const { [key]: _, ...rest } = rail;
  return text.trim() === "" ? rest : { ...rest, [key]: typed(text) };
}

function StopFields({
  fuse,
  form,
  onChange,
}: {
  readonly fuse: Stop;
  readonly form: RulesForm;
  readonly onChange: (fuse: Stop | undefined) => void;
}) {
  const title = titleOf(fuse.metric, namesOf(form));
  const side = fuse.below === undefined ? "above" : "below";
  return (
    <div class="rail">
      <strong>{title}</strong>
      <label>
        <span>Stops when it is surely {side}</span>
        <input
          value={String(fuse[side] ?? "")}
          placeholder="0.2 is 20 % of users"
          onInput={({ currentTarget }) => onChange({ ...fuse, [side]: typed(currentTarget.value) })}
        />
      </label>
      <button type="button" class="small" onClick={() => onChange(undefined)}>
        Take out <span class="heard">the stop of {title}</span>
      </button>
    </div>
  );
}

/** A list to add from; it stands at its first line again afterwards. */
function Adding({
  label,
  metrics,
  form,
  onAdd,
}: {
  readonly label: string;
  readonly metrics: readonly string[];
  readonly form: RulesForm;
  readonly onAdd: (metric: string) => void;
}) {
  return (
    <label class="adding">
      <span class="heard">{label}</span>
      <select
        value=""
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== "") onAdd(currentTarget.value);
          currentTarget.value = "";
        }}
      >
        <option value="">{label}…</option>
        {metrics.map((name) => (
          <option key={name} value={name}>
            {titleOf(name, namesOf(form))}
          </option>
        ))}
      </select>
    </label>
  );
}
