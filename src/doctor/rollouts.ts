import { columnsScope, describeScope } from "../domain/scope.ts";
import type { Check } from "../domain/shapes/examination.ts";
import type { ListedAlert } from "../domain/shapes/monitors.ts";
import { counted } from "../domain/text/counted.ts";
import type { Database } from "../storage/database.ts";
import { listAlerts } from "../storage/read/alerts.ts";
import { monitorsLookedAt } from "../storage/read/monitor-look.ts";
import { type PausedRegate, pausedRegates } from "../storage/read/regates.ts";
import { lastRetentionRun } from "../storage/read/retention.ts";
import { stateOfStore } from "../storage/read/state-of-store.ts";
import type { InstallationFacts } from "../storage/read/store-facts.ts";
import { checksOf } from "./check.ts";

const { ok, note, todo } = checksOf("rollouts");

/** How what runs here is going. */
export async function examineRollouts(db: Database, facts: InstallationFacts): Promise<Check[]> {
  const [{ canaries, unattended, services }, retention, alerts, lookedAt, paused] = await Promise.all([
    stateOfStore(db, {}),
    lastRetentionRun(db),
    listAlerts(db),
    monitorsLookedAt(db),
    pausedRegates(db),
  ]);
  const undone = Object.keys(retention?.problems ?? {});
  return [
    unattended === 0
      ? ok("canaries", `${counted(canaries, "open canary", "open canaries")}, all looked after`)
      : todo(
          "canaries",
          `${unattended} of ${counted(canaries, "open canary", "open canaries")} ${unattended === 1 ? "has" : "have"} outlived ${unattended === 1 ? "its" : "their"} lease: the candidate is not served`,
          "see that a worker runs and reaches Temporal; the rollout goes on by itself then",
        ),
    facts.openDeadLetters === 0
      ? ok("dead letters", "none is open")
      : todo("dead letters", `${facts.openDeadLetters} open`, "sluice dead-letters list"),
    ...monitorChecks(alerts, lookedAt),
    ...pausedChecks(paused),
    undone.length === 0
      ? ok("retention", retention === null ? "has not run yet" : "the last run left nothing undone")
      : todo(
          "retention",
          `the last run left ${undone.join(", ")} as ${undone.length === 1 ? "it was" : "they were"}`,
          "sluice retention",
        ),
    ok("services", `${counted(services, "service")} heard of a moment ago`),
    facts.roles.length > 0
      ? ok("roles", facts.roles.join(", "))
      : note(
          "roles",
          "each part logs in as it likes; `sluice migrate --roles` makes a role for each, which may do what it needs and no more",
        ),
  ];
}

/** Of those that are paused, so many are named. */
const MOST_PAUSED = 5;

/** Tests that nobody asks again, where somebody has set that they are. */
function pausedChecks(paused: readonly PausedRegate[]): Check[] {
  const checks = paused.slice(0, MOST_PAUSED).map(({ problem, ...scope }) => {
    const { prompt } = scope;
    return todo(
      "tests asked again",
      `paused in ${describeScope(columnsScope(scope))} since a run failed: ${problem}`,
      `mend that, then set its monitors again: sluice monitors set ${prompt} --file FILE`,
    );
  });
  const more = paused.length - checks.length;
  if (more > 0) checks.push(note("tests asked again", `${more} more are paused: sluice monitors list`));
  return checks;
}

/** A look is made each minute. */
const LATE_MS = 10 * 60_000;

function monitorChecks(alerts: readonly ListedAlert[], lookedAt: Date | undefined): Check[] {
  const [first] = alerts;
  const isLate = lookedAt !== undefined && Date.now() - lookedAt.getTime() > LATE_MS;
  return [
    first
      ? todo(
          "alerts",
          `${counted(alerts.length, "alert")} open, the newest: ${first.message}`,
          "sluice alerts",
        )
      : ok("alerts", "none is open"),
    isLate
      ? todo(
          "monitors",
          `no worker has looked at them since ${lookedAt.toISOString().slice(0, 16)}Z`,
          "see that a worker runs and reaches the database",
        )
      : ok("monitors", lookedAt === undefined ? "no worker has looked yet" : "looked at a moment ago"),
  ];
}
