import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** Works without Temporal too: where no workflow answers, the database takes the candidate off. */
export async function run(context: CommandContext, given: Given<"rollout abort">): Promise<void> {
  const reason = given.text("reason");
  const ended = await withSluice(context, (sluice) => sluice.abort(given.rollout(0), { reason }));
  const { candidate, outcome } = ended;
  context.output.result(ended, () => [
    outcome === null
      ? `the rollout of ${candidate} is being ended`
      : `the rollout of ${candidate} is ended in the database, as no workflow answered: ${outcome}; all traffic is on the baseline`,
  ]);
}
