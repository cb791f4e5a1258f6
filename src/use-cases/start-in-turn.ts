import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { requestAbort } from "./abort-rollout.ts";
import { prepareStart, type StartRollout } from "./prepare-start.ts";
import { replaceRollout } from "./replace-rollout.ts";
import { startRollout } from "./start-rollout.ts";
import type { StartedInTurn } from "../domain/shapes/rollouts.ts";

interface StartInTurn {
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Told before it is started, once nothing stands in its way. */
  readonly onReady?: (() => Promise<void>) | undefined;
}

/** Starts a rollout over a connection that is opened for it; what is wrong with its words is said wherever Temporal is. */
export async function startInTurn(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  start: StartRollout,
  { replace, signal, onReady }: StartInTurn,
): Promise<StartedInTurn> {
  await prepareStart(db, start);
  return port.use(async (rollouts) => {
    // Nothing is said of a rollout that cannot be started.
    await rollouts.place();
    await onReady?.();
    const started = replace
      ? await replaceRollout(db, { ...rollouts, requestAbort: requestAbort(rollouts) }, start, signal)
      : { ...(await startRollout(db, rollouts, start)), replaced: null };
    return { ...started, uiUrl: rollouts.pageOf(started) };
  });
}
