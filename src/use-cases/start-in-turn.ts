import { SluiceError } from "../domain/errors.ts";
import type { StartedInTurn } from "../domain/shapes/rollouts.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { Database } from "../storage/database.ts";
import { requestAbort } from "./abort-rollout.ts";
import { planRollout } from "./plan-rollout.ts";
import { prepareStart, type StartRollout } from "./prepare-start.ts";
import { refuseBrokenCallers } from "./refuse-broken-callers.ts";
import { replaceRollout } from "./replace-rollout.ts";
import { startRollout } from "./start-rollout.ts";

interface StartInTurn {
  readonly replace: boolean;
  readonly signal: AbortSignal;
  /** Told before it is started, once nothing stands in its way. */
  readonly onReady?: ((known: Pick<StartedInTurn, "gate" | "warnings">) => void) | undefined;
}

/** Starts a rollout over a connection that is opened for it; what is wrong with its words is said wherever Temporal is. */
export async function startInTurn(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  asked: StartRollout,
  { replace, signal, onReady }: StartInTurn,
): Promise<StartedInTurn> {
  const { gate, version } = await prepareStart(db, asked);
  const start = await refuseBrokenCallers(db, version, asked);
  return port.use(async (rollouts) => {
    // Nothing is said of a rollout that cannot be started.
    await rollouts.place();
    const warnings = await warningsOf(db, start);
    onReady?.({ gate, warnings });
    const started = replace
      ? await replaceRollout(db, { ...rollouts, requestAbort: requestAbort(rollouts) }, start, signal)
      : { ...(await startRollout(db, rollouts, start)), replaced: null };
    return { ...started, warnings, uiUrl: rollouts.pageOf(started) };
  });
}

/** What speaks against a policy that cannot conclude; what else is wrong, the start says itself. */
async function warningsOf(db: Database, start: StartRollout): Promise<readonly string[]> {
  const planned = await planRollout(db, { ...start, quick: true }).catch((error: unknown) => {
    if (error instanceof SluiceError) return undefined;
    throw error;
  });
  return planned?.cannotConclude ? (planned.plan?.warnings ?? []) : [];
}
