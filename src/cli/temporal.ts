import { temporalSettings, withTemporal } from "../temporal/connect.ts";
import {
  controlRollout,
  rolloutTemporal,
  type ControlAnswer,
  type ControlledRollout,
} from "../temporal/rollout-client.ts";
import type { ControlName } from "../protocol/names.ts";
import { workflowPage } from "../temporal/workflow-page.ts";
import type { AskToAbort } from "../use-cases/abort-rollout.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import type { CommandContext } from "./context.ts";

/** What commands ask of Temporal. */
export interface Rollouts extends RolloutTemporal {
  readonly control: <Name extends ControlName>(
    rollout: ControlledRollout,
    name: Name,
    request: Parameters<typeof controlRollout>[3],
  ) => Promise<ControlAnswer<Name>>;
  /** The workflow's page in Temporal's UI; null where no UI is known. */
  readonly pageOf: (workflow: {
    readonly workflowId: string;
    readonly runId: string | null;
  }) => string | null;
}

/** Runs with a connection to Temporal. */
export async function withRollouts<T>(
  context: CommandContext,
  work: (rollouts: Rollouts) => Promise<T>,
): Promise<T> {
  const { temporal } = context.config;
  const address = {
    address: temporal.address,
    namespace: temporal.environment["TEMPORAL_NAMESPACE"],
    environment: temporal.environment,
    local: temporal.source === "dev",
  };
  const { namespace } = temporalSettings(address);
  return withTemporal(address, (client) =>
    work({
      ...rolloutTemporal(client, context.config.taskQueue),
      control: (rollout, name, request) => controlRollout(client, rollout, name, request),
      pageOf: (workflow) => workflowPage(temporal.uiUrl, namespace, workflow),
    }),
  );
}

/** Asks a rollout's workflow to end it. */
export function askToAbort({ control }: Pick<Rollouts, "control">): AskToAbort {
  return (rollout, request) =>
    control({ workflowId: rollout.workflow_id, rolloutId: rollout.id }, "abort", request);
}
