import type { Check } from "../domain/shapes/examination.ts";
import { counted } from "../domain/text/counted.ts";
import type { Database } from "../storage/database.ts";
import { lastRetentionRun } from "../storage/read/retention.ts";
import { stateOfStore } from "../storage/read/state-of-store.ts";
import type { InstallationFacts } from "../storage/read/store-facts.ts";
import { checksOf } from "./check.ts";

const { ok, note, todo } = checksOf("rollouts");

/** How what runs here is going. */
export async function examineRollouts(db: Database, facts: InstallationFacts): Promise<Check[]> {
  const [{ canaries, unattended, services }, retention] = await Promise.all([
    stateOfStore(db, {}),
    lastRetentionRun(db),
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
