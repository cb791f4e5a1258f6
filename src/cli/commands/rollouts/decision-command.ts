import { SluiceError } from "../../../domain/errors.ts";
import { numberedVersion } from "../../../storage/read/version.ts";
import { decideApproval } from "../../../use-cases/decide-approval.ts";
import type { Decided } from "../../../domain/shapes/rollouts.ts";
import type { Given, RunCommand } from "../../parsing/given.ts";
import { actorOf } from "../../context.ts";
import { writing } from "../../store.ts";
import { withRollouts } from "../../temporal.ts";

/** The row in the database is the decision; Temporal is only told to look. */
export function decisionCommand(decision: "approve" | "reject"): RunCommand<Given<"rollout approve">> {
  return async (context, given) => {
    const version = given.version(0);
    const scope = given.scope(version.prompt);
    const by = actorOf(context);
    const comment = given.text("comment") ?? "";
    const decided = await writing(context, async (db) =>
      decideApproval(db, { scope, version: await numberedVersion(db, version), decision, by, comment }),
    );
    try {
      await withRollouts(context, ({ control }) =>
        control(decided, decision, { by, ...(comment && { reason: comment }) }),
      );
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === "unavailable")) throw error;
      throw new SluiceError(
        "unavailable",
        `your decision is kept, but the rollout could not be notified: ${error.message}. It reads the decision by itself once it goes on`,
        { ...error.details, ...decided },
        { cause: error },
      );
    }
    context.output.result(decided, () => [sentence(decided, by)]);
  };
}

function sentence(decided: Decided, by: string): string {
  const { candidate, decision, reason, recorded, point, countedBy, login, counts } = decided;
  const before = point === "canary" ? "the canary" : "promotion";
  const repeated = recorded ? "" : `${by} had decided so before; `;
  const how = `counted by ${countedBy === "login" ? `login; yours is ${login}` : "asserted names"}`;
  const notCounted = counts
    ? ""
    : `; yours does not count: the login ${login} had approved under another name (where operators share a login, the policy can say approval.asserted: true)`;
  return `${candidate}, before ${before}: ${repeated}${reason}${decision === "waiting" ? " so far" : ""} (${how})${notCounted}`;
}
