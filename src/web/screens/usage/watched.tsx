import type {
  Finds,
  ListedMonitor,
  MonitorState,
  ShownAlert,
  TriageTests,
} from "../../../domain/shapes/monitors.ts";
import { sayBudget, sayUncounted } from "../../../domain/plain/say-budget.ts";
import { sayMonitor, titleOf } from "../../../domain/plain/say-monitor.ts";
import { percent } from "../../../domain/text/percent.ts";
import { AlertActs } from "./alert-acts.tsx";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { evaluationPath, withQuery } from "../../route.ts";
import { Chip } from "../../parts/chip.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";

const STATES: Readonly<Record<MonitorState, string>> = {
  learning: "learning",
  watching: "watched",
  alert: "got worse",
  muted: "muted",
  rollout: "left to the rollout",
  blind: "too usual to see a rise",
  stopped: "spent: calls are refused",
  paused: "paused: its last run failed",
  idle: "nothing is live",
  off: "off",
};

const COLUMNS: readonly Column<ListedMonitor>[] = [
  {
    head: "What",
    isName: true,
    cell: (one) => (
      <>
        {titleOf(one.name)}
        {one.spec && (one.set || one.byPolicy) && <span class="note"> {sayMonitor(one.spec)}</span>}
        {[...sayBudget(one), ...sayUncounted(one)].map((line) => (
          <span key={line} class="note">
            {" "}
            ({line})
          </span>
        ))}
      </>
    ),
  },
  {
    head: "State",
    cell: ({ state }) => (
      <Chip tone={state === "alert" || state === "stopped" ? "harm" : "plain"}>{STATES[state]}</Chip>
    ),
  },
  {
    head: "Usual",
    align: "right",
    cell: ({ reference }) => (reference ? percent(reference.rate, 2) : <span class="note">–</span>),
  },
  {
    head: "Up to",
    align: "right",
    cell: ({ accepted }) => (accepted === null ? <span class="note">–</span> : percent(accepted, 2)),
  },
  {
    head: "A doubling is found",
    cell: ({ finds }) => foundIn(finds.find(({ factor }) => factor === 2)),
  },
];

/** What is watched of a prompt under a label, and what has been found. */
export function Watched({ prompt, label }: { readonly prompt: string; readonly label: string }) {
  const monitors = useResource<Page<ListedMonitor>>(withQuery("/v1/monitors", { prompt }));
  const alerts = useResource<Page<ShownAlert>>(withQuery("/v1/alerts", { prompt }));
  const rows = (monitors.value?.items ?? []).filter(
    (one) => one.label === label && one.state !== "off" && one.state !== "idle",
  );
  const open = (alerts.value?.items ?? []).filter((one) => one.label === label);
  if (rows.length === 0 && open.length === 0) return null;
  return (
    <Section
      title="Watched"
      note="Held against what the same version did before. All of an installation's monitors together are wrong about once in 90 days."
    >
      {open.map((one) => (
        <div key={one.id} class="token-line card alert">
          <Icon name="needs" />
          <p role="alert">
            {one.message} {one.triage?.says.join(" ")}{" "}
            <span class="note">
              since <Time at={one.since} />
              {one.acknowledgedBy !== null && `, taken on by ${one.acknowledgedBy}`}
              {one.mutedUntil !== null && (
                <>
                  , its monitor rings again <Time at={one.mutedUntil} />
                </>
              )}
            </span>
            <Answers tests={one.triage?.tests} />
          </p>
          <AlertActs
            alert={one}
            onDone={() => {
              alerts.reload();
              monitors.reload();
            }}
          />
        </div>
      ))}
      <Table caption="What is watched" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
    </Section>
  );
}

/** Where the answers are that tell whose doing it is. */
function Answers({ tests }: { readonly tests: TriageTests | undefined }) {
  const tested = [tests?.live, tests?.previous].filter((one) => one !== undefined && one !== null);
  if (tested.length === 0) return null;
  return (
    <span class="note block">
      Answers of{" "}
      {tested.map(({ version, evaluationId }, index) => (
        <>
          {index > 0 && " and of "}
          <a href={evaluationPath(evaluationId)}>{version}</a>
        </>
      ))}
    </span>
  );
}

function foundIn(found: Finds | undefined) {
  if (!found) return <span class="note">–</span>;
  if (found.hours === null) return "not";
  return found.hours < 48 ? `within ${found.hours} h` : `within ${Math.round(found.hours / 24)} days`;
}
