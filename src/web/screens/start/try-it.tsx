import { useState } from "preact/hooks";
import { people, span } from "../../../domain/plain/amounts.ts";
import { measureOf, titleOf } from "../../../domain/plain/names.ts";
import { outOf100 } from "../../../domain/plain/say-plan.ts";
import type { RolloutPolicy } from "../../../domain/policy/policy.ts";
import { quoted } from "../../acts/act-dialog.tsx";
import { Command } from "../../parts/page.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import type { AskedOfPlanner, ImaginedEnding, TriedRules } from "../../planner/planner-messages.ts";
import { EndingsPicture } from "./endings-picture.tsx";
import { type TrySeen, useTry } from "./use-planner.ts";

const RUNS = 200;
const SEED = 1;

/** What if it really were so: many imagined rollouts by these rules, computed here. */
export function TryIt({
  asked,
  policy,
  command,
}: {
  readonly asked: AskedOfPlanner;
  readonly policy: RolloutPolicy;
  /** The same in a terminal, as far as it does not depend on what is imagined. */
  readonly command: string;
}) {
  const [effects, setEffects] = useState<Readonly<Record<string, string>>>({});
  const trying = useTry();
  const { canary } = policy;
  if (!canary) return null;
  const metrics = [canary.goal.metric, ...canary.guardrails.map(({ metric }) => metric)];
  const effect = metrics.flatMap((metric) => {
    const text = effects[metric]?.trim() ?? "";
    return text === "" || Number(text) === 0 ? [] : [`${metric}=${text}`];
  });
  return (
    <section class="card try-it" aria-labelledby="try-title">
      <h2 id="try-title">Try it</h2>
      <p class="note">
        What if the new version really differed by this much? {RUNS} imagined rollouts are decided by the code
        that decides real ones. Nothing leaves your browser.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          trying.run({ kind: "try", ...asked, effect, runs: RUNS, seed: SEED });
        }}
      >
        <div class="fields">
          {metrics.map((metric) => (
            <label key={metric}>
              <span>
                {titleOf(metric, { names: policy.metrics })} differs by{" "}
                <span class="note">{unitOf(metric, policy)}</span>
              </span>
              <input
                value={effects[metric] ?? ""}
                placeholder="0"
                inputMode="text"
                onInput={({ currentTarget: { value } }) => setEffects({ ...effects, [metric]: value })}
              />
            </label>
          ))}
        </div>
        <div class="acts">
          <button type="submit" class="primary">
            Try it
          </button>
          {trying.isBusy && (
            <button type="button" onClick={trying.stop}>
              Stop
            </button>
          )}
        </div>
      </form>
      <Seen trying={trying} users={canary.users ?? "users"} />
      <details>
        <summary>The same in a terminal</summary>
        <Command
          text={`${command}${effect.map((one) => ` --effect ${quoted(one)}`).join("")} --runs ${RUNS} --seed ${SEED}`}
        />
      </details>
    </section>
  );
}

function unitOf(metric: string, policy: RolloutPolicy): string {
  const kind = policy.metrics[metric]?.kind ?? "mean";
  const measure = measureOf(metric, kind, { names: policy.metrics });
  if (measure.kind === "share") return "(2pp are two points)";
  return measure.kind === "money"
    ? "(-0.001, or 10%)"
    : measure.unit === null
      ? "(-0.2, or 10%)"
      : `(in ${measure.unit}, or 10%)`;
}

function Seen({ trying, users }: { readonly trying: TrySeen; readonly users: string }) {
  const { tried, endings, problem, isBusy } = trying;
  return (
    <>
      {problem !== undefined && (
        <p role="alert" class="failed-line">
          {problem}
        </p>
      )}
      {(isBusy || tried) && (
        <progress max={RUNS} value={endings.length} aria-label="Imagined rollouts that have ended" />
      )}
      {/* Spoken once, when all have ended. */}
      <div role="status" class="tried">
        {tried && !isBusy && <TriedSentences tried={tried} users={users} />}
      </div>
      {tried && (
        <>
          {isBusy && <p class="note">{endings.length} have ended.</p>}
          <EndingsPicture endings={endings} users={users} />
          <ul class="inline legend">
            {ENDINGS.map(({ ending, icon, name }) => (
              <li key={ending} class={ending}>
                <Icon name={icon} /> {name} {countOf(endings, ending)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const ENDINGS: readonly {
  readonly ending: ImaginedEnding["ending"];
  readonly icon: IconName;
  readonly name: string;
}[] = [
  { ending: "released", icon: "done", name: "Released" },
  { ending: "rolledBack", icon: "harm", name: "Rolled back" },
  { ending: "undecided", icon: "open", name: "Not decided" },
];

function countOf(endings: readonly ImaginedEnding[], which: ImaginedEnding["ending"]): number {
  return endings.filter(({ ending }) => ending === which).length;
}

/** `Rolled back 97 times of 100, after about 380 users. Released never in 100 times.` */
function TriedSentences({
  tried: { result },
  users,
}: {
  readonly tried: TriedRules;
  readonly users: string;
}) {
  const { promoted, rolledBack, inconclusive, medianUnitsPromoted, medianUnitsRolledBack } = result;
  const after = (units: number | null) =>
    units === null ? "" : `, after about ${people(Math.round(units), users)} with it`;
  const lines = [
    { part: promoted, text: said("Released", "None was released.", promoted, after(medianUnitsPromoted)) },
    {
      part: rolledBack,
      text: said("Rolled back", "None was rolled back.", rolledBack, after(medianUnitsRolledBack)),
    },
    { part: inconclusive, text: said("Not decided", "Each was decided.", inconclusive, "") },
  ].toSorted((a, b) => b.part - a.part);
  return (
    <>
      {lines.map(({ text }, at) => (
        <p key={text} class={at === 0 ? "sentence" : ""}>
          {text}
        </p>
      ))}
      <p class="note">
        Half of them ended within {span(result.medianElapsedMs)}, at{" "}
        {Math.round(result.unitsPerDay).toLocaleString("en")} {users} a day
        {result.trafficFrom === "assumed" && ", which is assumed: nothing is recorded yet"}.
      </p>
    </>
  );
}

function said(word: string, never: string, part: number, after: string): string {
  return part === 0 ? never : `${word} ${outOf100(part)}${after}.`;
}
