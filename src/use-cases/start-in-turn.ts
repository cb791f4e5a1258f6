import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { requestAbort } from "./abort-rollout.ts";
import { withWayBack } from "./control-by-key.ts";
import { prepareStart, type StartRollout } from "./prepare-start.ts";
import { replaceRollout } from "./replace-rollout.ts";
import { startRollout } from "./start-rollout.ts";
import type { StartedInTurn } from "../domain/shapes/rollouts.ts";

/** Starts a rollout over a connection that is opened for it; what is wrong with its words is said wherever Temporal is. */
export async function startInTurn(
  db: Database,
  port: RolloutsPort,
  start: StartRollout,
  { replace, signal }: { readonly replace: boolean; readonly signal: AbortSignal },
): Promise<StartedInTurn> {
  await prepareStart(db, start);
  return withWayBack(() =>
    port.use(async (rollouts) => {
      const started = replace
        ? await replaceRollout(db, { ...rollouts, requestAbort: requestAbort(rollouts) }, start, signal)
        : { ...(await startRollout(db, rollouts, start)), replaced: null };
      return { ...started, uiUrl: rollouts.pageOf(started) };
    }),
  );
}
