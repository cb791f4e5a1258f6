import { findVersionById, versionName } from "../../../storage/read/version.ts";
import { abortRollout, requestAbort } from "../../../use-cases/abort-rollout.ts";
import { requireOpenRollout } from "../../../use-cases/control-rollout.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { controlRequest } from "./control-command.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";
import { writing } from "../../store.ts";
import { withRollouts } from "../../temporal.ts";

/** Works without Temporal too: where no workflow answers, the database takes the candidate off. */
export async function run(context: CommandContext, given: Given<"rollout abort">): Promise<void> {
  const { output } = context;
  const reference = given.reference(0);
  const scope = given.scope(reference.prompt);
  const request = controlRequest(context, given);
  await writing(context, async (db) => {
    const rollout = await requireOpenRollout(db, scope);
    await refuseOtherVersion(db, reference, ({ id }) => id === rollout.candidate_version);
    const ended = await abortRollout(db, rollout, request, (of, requested) =>
      withRollouts(context, (rollouts) => requestAbort(rollouts)(of, requested)),
    );
    const version = await findVersionById(db, rollout.candidate_version);
    const candidate = version ? versionName(version) : rollout.candidate_version;
    output.result({ rolloutId: rollout.id, candidate, ...ended }, () => [
      ended.outcome === null
        ? `the rollout of ${candidate} is being ended`
        : `the rollout of ${candidate} is ended in the database, as no workflow answered: ${ended.outcome}; all traffic is on the baseline`,
    ]);
  });
}
