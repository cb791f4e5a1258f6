import { people } from "../../../domain/plain/amounts.ts";
import { sayRules } from "../../../domain/plain/say-rules.ts";
import { sayServices } from "../../../domain/plain/say-services.ts";
import { settingOf } from "../../../domain/plain/telling.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import { Happened } from "../../parts/happened.tsx";
import { withQuery } from "../../route.ts";
import { Time, useNow } from "../../parts/time.tsx";
import { howLong } from "./how-long.ts";
import { RulesDocument } from "./rules-document.tsx";
import type { ShownRollout } from "./shown-rollout.ts";
import { tellingAt } from "./telling.ts";

/** What is of interest beside the evidence: who has it, who said what, what happened. */
export function RolloutAside({
  status,
  record,
  curve,
}: {
  readonly status: ShownRollout;
  readonly record: RolloutHistory | undefined;
  readonly curve: RolloutCurve | undefined;
}) {
  return (
    <aside>
      <WhoHasIt status={status} />
      {curve && <HowLongItTakes status={status} curve={curve} />}
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
          <RulesDocument policy={record.policy} />
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

function HowLongItTakes({ status, curve }: { readonly status: ShownRollout; readonly curve: RolloutCurve }) {
  const { stage, users } = settingOf(status);
  const { time } = tellingAt(useNow());
  const left = status.phase === "canary" && !status.paused ? howLong(stage, curve) : undefined;
  if (!left) return null;
  return (
    <div class="card">
      <h2>How long</h2>
      <p>
        {people(left.users, users)} more in each group
        {left.at === null ? "." : `: likely ${time(left.at.toISOString())}.`}
      </p>
      <p class="note">
        {left.at === null
          ? "Nobody has come lately, so there is no telling when."
          : "By what came in the last 6 hours; the evidence may need more than that."}
      </p>
    </div>
  );
}

function WhoHasIt({ status }: { readonly status: ShownRollout }) {
  const { units, share, outcome, fleet, baseline } = status;
  const { maxUnits, users } = settingOf(status);
  const services = fleet && sayServices(fleet);
  return (
    <div class="card">
      <h2>Who has it</h2>
      <p class="large-number">
        {outcome === "promoted" ? "100" : outcome === null ? Number(share.toFixed(2)) : "0"} %
      </p>
      {baseline !== null && (
        <p class="note">
          {units.candidate.toLocaleString("en")} {users} with the new version,{" "}
          {units.control.toLocaleString("en")} with the current one, compared
        </p>
      )}
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
