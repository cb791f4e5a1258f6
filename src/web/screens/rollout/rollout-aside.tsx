import { sayRules } from "../../../domain/plain/say-rules.ts";
import { sayServices } from "../../../domain/plain/say-services.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import { Happened } from "../../parts/happened.tsx";
import { withQuery } from "../../route.ts";
import { Time } from "../../parts/time.tsx";
import type { ShownRollout } from "./shown-rollout.ts";

/** What is of interest beside the evidence: who has it, who said what, what happened. */
export function RolloutAside({
  status,
  record,
}: {
  readonly status: ShownRollout;
  readonly record: RolloutHistory | undefined;
}) {
  return (
    <aside>
      <WhoHasIt status={status} />
      {record && record.approvals.length > 0 && (
        <div class="card">
          <h2>Approvals</h2>
          <ul class="facts">
            {record.approvals.map(({ asserted, login, decision, comment, at }) => (
              <li key={at}>
                <strong>{decision === "approve" || decision === "approved" ? "Yes" : "No"}</strong>,{" "}
                {asserted || login}
                <span class="note block">
                  <Time at={at} />
                  {comment !== "" && `: “${comment}”`}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {record && (
        <div class="card">
          <h2>What happened</h2>
          <Happened entries={record.audit.toReversed()} />
          <p>
            <a href={withQuery("/audit", { rollout: status.rolloutId })}>In the audit log</a>
          </p>
        </div>
      )}
      {record && (
        <div class="card">
          <h2>The rules</h2>
          <ul class="facts">
            {sayRules(record.policy).map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </div>
      )}
      {typeof status.uiUrl === "string" && (
        <p class="card">
          <a href={status.uiUrl} target="_blank" rel="noreferrer">
            Workflow in Temporal<span class="heard"> (in a new tab)</span> ↗
          </a>
        </p>
      )}
    </aside>
  );
}

function WhoHasIt({ status }: { readonly status: ShownRollout }) {
  const { units, share, outcome, fleet } = status;
  const { maxUnits, users } = settingOf(status);
  const services = fleet && sayServices(fleet);
  return (
    <div class="card">
      <h2>Who has it</h2>
      <p class="large-number">
        {outcome === "promoted" ? "100" : outcome === null ? Number(share.toFixed(2)) : "0"} %
      </p>
      <p class="note">
        {units.candidate.toLocaleString("en")} {users} with the new version,{" "}
        {units.control.toLocaleString("en")} with the current one, compared
      </p>
      {maxUnits !== null && outcome === null && (
        <>
          <progress
            max={maxUnits}
            value={Math.min(units.candidate, units.control)}
            aria-label={`${users} in each group`}
          />
          <p class="note">at most {maxUnits.toLocaleString("en")} in each group</p>
        </>
      )}
      {services && (
        <p>
          <strong>{services.word}</strong> {services.text}
        </p>
      )}
    </div>
  );
}
