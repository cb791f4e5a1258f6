import type { Decided } from "../../../domain/shapes/rollouts.ts";
import type { Given, RunCommand } from "../../parsing/given.ts";
import { actorOf } from "../../context.ts";
import { withSluice } from "../../store.ts";

export function decisionCommand(decision: "approve" | "reject"): RunCommand<Given<"rollout approve">> {
  return async (context, given) => {
    // It takes a version: a yes to whatever is rolled out by now is no yes.
    given.version(0);
    const comment = given.text("comment");
    const decided = await withSluice(context, (sluice) => sluice[decision](given.rollout(0), { comment }));
    context.output.result(decided, () => [sentence(decided, actorOf(context))]);
  };
}

const HOW = { login: "login", asserted: "asserted names", proven: "proof" } as const;

function sentence(decided: Decided, by: string): string {
  const { candidate, decision, reason, recorded, point, countedBy, login, counts } = decided;
  const before = point === "canary" ? "the canary" : "promotion";
  const repeated = recorded ? "" : `${by} had decided so before; `;
  const how = `counted by ${HOW[countedBy]}${countedBy === "login" ? `; yours is ${login}` : ""}`;
  const notCounted = counts ? "" : `; yours does not count: ${whyNot(countedBy, login)}`;
  return `${candidate}, before ${before}: ${repeated}${reason}${decision === "waiting" ? " so far" : ""} (${how})${notCounted}`;
}

function whyNot(countedBy: Decided["countedBy"], login: string): string {
  return countedBy === "proven"
    ? "who has signed in and who holds a key may be one person, so they do not add up"
    : `the login ${login} had approved under another name (where operators share a login, the policy can say approval.asserted: true)`;
}
