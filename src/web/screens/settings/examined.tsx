import { type Check, type Examination, needsALook } from "../../../domain/shapes/examination.ts";
import { counted } from "../../../domain/text/counted.ts";
import { useKept } from "../../data/kept.ts";
import { useResource } from "../../data/resource.ts";
import { signedIn } from "../../data/session.ts";
import { Fact } from "../../parts/fact.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Loaded, Section } from "../../parts/page.tsx";

/** Whether everything is set up, as `sluice doctor` says it: for whoever may change it. */
export function Examined() {
  const me = useKept(signedIn);
  return me?.permissions.includes("administer") ? <ForAdmins /> : null;
}

function ForAdmins() {
  const found = useResource<Examination>("/v1/examination");
  return (
    <Section title="Is everything set up?">
      <Loaded from={found} lines={6}>
        {({ checks, state }) => {
          const [open, well] = [checks.filter(needsALook), checks.filter((check) => !needsALook(check))];
          return (
            <>
              <p class="note">
                {state === "ok" ? "Yes: all is well." : `${counted(open.length, "thing")} to look at.`}
              </p>
              {open.length > 0 && <Checks of={open} />}
              <details class="after-table">
                <summary>{counted(well.length, "check")} without anything to do</summary>
                <Checks of={well} />
              </details>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Checks({ of }: { readonly of: readonly Check[] }) {
  return (
    <dl class="card facts">
      {of.map((check) => (
        <Fact key={`${check.part} ${check.name}`} name={`${PARTS[check.part]}: ${check.name}`}>
          <span class={needsALook(check) ? "may needs" : "may"}>
            <Icon name={needsALook(check) ? "needs" : "done"} />
            <span class="sentence-like">{check.said}</span>
          </span>
          {check.todo !== null && <span class="note block sentence-like">{check.todo}</span>}
        </Fact>
      ))}
    </dl>
  );
}

const PARTS: Readonly<Record<Check["part"], string>> = {
  sluice: "Sluice",
  postgres: "Postgres",
  temporal: "Temporal",
  models: "Models",
  rollouts: "Rollouts",
};
