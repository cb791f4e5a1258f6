import { keepTemporal } from "../temporal/keep-temporal.ts";
import { type TemporalAddress, temporalSettings, withTemporal } from "../temporal/connect.ts";
import { controlRollout, rolloutTemporal } from "../temporal/rollout-client.ts";
import type { Rollouts, RolloutsPort } from "../protocol/rollout-controls.ts";
import { workflowPage } from "../temporal/workflow-page.ts";
import type { Config } from "../config.ts";
import type { CommandContext } from "./context.ts";

type Client = Parameters<typeof controlRollout>[0];

/** Runs with a connection to Temporal. */
export async function withRollouts<T>(
  { config }: CommandContext,
  work: (rollouts: Rollouts) => Promise<T>,
): Promise<T> {
  const rollouts = rolloutsOf(config);
  return withTemporal(addressOf(config), (client) => work(rollouts(client)));
}

/** A connection to Temporal for a process that lives long: opened when it is first needed, and kept. */
export function keepRollouts(config: Config): RolloutsPort {
  const kept = keepTemporal(addressOf(config));
  return {
    use: (work) => kept.use((client) => work(rolloutsOf(config)(client))),
    close: () => kept.close(),
  };
}

function addressOf({ temporal }: Pick<Config, "temporal">): TemporalAddress {
  return {
    address: temporal.address,
    namespace: temporal.environment["TEMPORAL_NAMESPACE"],
    environment: temporal.environment,
    local: temporal.source === "dev",
  };
}

function rolloutsOf(config: Config): (client: Client) => Rollouts {
  const { namespace } = temporalSettings(addressOf(config));
  return (client) => ({
    ...rolloutTemporal(client, config.taskQueue),
    control: (rollout, name, request) => controlRollout(client, rollout, name, request),
    pageOf: (workflow) => workflowPage(config.temporal.uiUrl, namespace, workflow),
  });
}
