import type { Check } from "../domain/shapes/examination.ts";
import { messageOf } from "../domain/errors.ts";
import { counted } from "../domain/text/counted.ts";
import type { ScheduleFacts, TemporalFacts } from "../protocol/temporal-facts.ts";
import { checksOf } from "./check.ts";

const { ok, todo, down } = checksOf("temporal");
/** A rollout that has ended is looked up by its workflow for less than that: too short to be asked about after a weekend. */
const LEAST_DAYS = 1;

/** How Temporal is, and who works for this installation there. */
export async function examineTemporal(read: () => Promise<TemporalFacts>): Promise<Check[]> {
  let facts: TemporalFacts;
  try {
    facts = await read();
  } catch (error) {
    return [down("reachable", messageOf(error))];
  }
  return [
    ok("server", `Temporal ${facts.version} at ${facts.address}, namespace ${facts.namespace}`),
    attributesOf(facts),
    retentionOf(facts),
    workersOf(facts),
    ...Object.entries(facts.schedules).map(([name, schedule]) => scheduleOf(name, schedule)),
  ];
}

function attributesOf({
  missingAttributes: missing,
  foreignAttributes: foreign,
  namespace,
}: TemporalFacts): Check {
  const name = "search attributes";
  if (foreign.length > 0)
    return todo(
      name,
      `${foreign.join(", ")} is registered with another type than Keyword`,
      "remove it there, or use another namespace",
    );
  if (missing.length === 0) return ok(name, "registered");
  return todo(
    name,
    `not registered: ${missing.join(", ")}`,
    `start a worker that may, or: ${missing.map((one) => `temporal operator search-attribute create --namespace ${namespace} --name ${one} --type Keyword`).join("; ")}`,
  );
}

function retentionOf({ retentionDays, namespace }: TemporalFacts): Check {
  const name = "history";
  if (retentionDays === null || retentionDays >= LEAST_DAYS)
    return ok(
      name,
      retentionDays === null
        ? "kept as long as the namespace says"
        : `workflows that have ended can be looked at for ${counted(Math.floor(retentionDays), "day")}`,
    );
  return todo(
    name,
    `workflows that have ended are gone after ${Math.round(retentionDays * 24)} h`,
    `temporal operator namespace update --namespace ${namespace} --retention 72h`,
  );
}

function workersOf({ workers }: TemporalFacts): Check {
  const idle = Object.keys(workers).filter((queue) => workers[queue] === 0);
  if (idle.length === 0)
    return ok(
      "workers",
      `${counted(Math.min(...Object.values(workers)), "worker")} asked for work within the last minute and a half`,
    );
  return todo(
    "workers",
    `no worker polls ${idle.join(" and ")}: rollouts wait, and canaries go back to the baseline`,
    "start one: sluice worker (with the SLUICE_TASK_QUEUE of these commands, if that is set)",
  );
}

function scheduleOf(name: string, schedule: ScheduleFacts): Check {
  if (schedule.state === "missing")
    return todo(`schedule ${name}`, "not there", "start a worker of this release: it makes its schedules");
  if (schedule.state === "paused")
    return todo(
      `schedule ${name}`,
      `paused${schedule.note && `: ${schedule.note}`}`,
      "unpause it on Temporal's page when its reason is gone",
    );
  const { lastAt, nextAt } = schedule;
  return ok(
    `schedule ${name}`,
    lastAt === null ? `has not run yet${nextAt === null ? "" : `, next ${nextAt}`}` : `last run ${lastAt}`,
  );
}
