import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { writtenPolicy } from "../../../domain/policy/written-policy.ts";
import type { PromptAct } from "../../../domain/shapes/overview.ts";
import type { Rights } from "../../../domain/shapes/rights.ts";
import type { RolloutRules } from "../../../domain/shapes/rules.ts";
import type { AskedOfPlanner } from "../../planner/planner-messages.ts";
import { ChoiceOfCare } from "./choice-of-care.tsx";
import { useKeptForm } from "./kept-form.ts";
import { PeopleFields } from "./people-fields.tsx";
import { PlanPanel } from "./plan-panel.tsx";
import { RulesFields } from "./rules-fields.tsx";
import { asForm, formOf, typed } from "./rules-form.ts";
import { RulesText } from "./rules-text.tsx";
import { StartActs } from "./start-acts.tsx";
import { placeOptions, type StartPlace } from "./start-place.ts";
import { TestsFirst } from "./tests-first.tsx";
import { TryIt } from "./try-it.tsx";
import { usePlan } from "./use-planner.ts";

/** The rules at the left, what they come to at the right. */
export function RulesWorkbench({
  prompt,
  place,
  rules,
  can,
  where,
}: {
  readonly prompt: string;
  readonly place: StartPlace;
  readonly rules: RolloutRules;
  readonly can: Rights<PromptAct>;
  readonly where: ComponentChildren;
}) {
  const [kept, setKept] = useKeptForm(prompt);
  const [traffic, setTraffic] = useState("");
  const { usage, policy } = rules;
  const isOwn = kept === undefined && policy !== null;
  const form = useMemo(() => kept ?? formOf(policy, usage), [kept, policy, usage]);
  const perDay = typed(traffic);
  const asked: AskedOfPlanner = {
    policy: form,
    rules,
    unitsPerDay: typeof perDay === "number" && perDay > 0 ? perDay : undefined,
  };
  const seen = usePlan({ kind: "plan", ...asked });
  const { planned, problem } = seen;
  const options = `${placeOptions(place)}${isOwn ? "" : " --policy rules.yaml"}`;
  const warning = planned?.cannotConclude
    ? "With these rules it will probably end undecided. Start it all the same?"
    : undefined;
  return (
    <div class="with-aside start">
      <div class="rules">
        {where}
        <ChoiceOfCare form={form} isOwn={isOwn} hasOwn={policy !== null} usage={usage} onChange={setKept} />
        <RulesFields form={form} usage={usage} onChange={setKept} />
        <PeopleFields form={form} onChange={setKept} />
        <TestsFirst rules={rules} form={form} />
        {planned && <RulesText planned={planned} isOwn={isOwn} />}
      </div>
      <aside>
        <PlanPanel
          seen={seen}
          serves={rules.serves}
          onTake={({ canary }) => planned && setKept(asForm(writtenPolicy({ ...planned.policy, canary })))}
        />
        <label class="traffic">
          <span>How many {planned?.policy.canary?.users ?? "users"} a day</span>
          <input
            inputMode="numeric"
            value={traffic}
            placeholder={
              usage.outcomesPerDay === null
                ? "not known yet"
                : `${Math.round(usage.outcomesPerDay).toLocaleString("en")}, as in the last 7 days`
            }
            onInput={({ currentTarget }) => setTraffic(currentTarget.value)}
          />
        </label>
        <StartActs
          prompt={prompt}
          place={place}
          serves={rules.serves}
          can={can}
          policy={form}
          isOwn={isOwn}
          warning={warning}
          problem={problem}
          command={`sluice rollout start ${prompt}@${place.version}${options}`}
          onStarted={() => setKept(undefined)}
        />
        {planned?.policy.canary && (
          <TryIt
            asked={asked}
            policy={planned.policy}
            command={`sluice simulate ${prompt}${options}${traffic === "" ? "" : ` --traffic ${traffic}/day`}`}
          />
        )}
      </aside>
    </div>
  );
}
