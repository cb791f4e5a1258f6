import type { Config } from "../config.ts";
import type { RolloutsPlace } from "../temporal/keep-rollouts.ts";
import { requireDatabaseUrl } from "../config.ts";
import { databaseSluice } from "./database/database-sluice.ts";
import { serverSluice } from "./http/server-sluice.ts";
import { machineUser } from "./machine-user.ts";
import type { Sluice } from "./sluice.ts";

/** Over the server that the environment names, or else the database. */
export function configuredSluice(config: Config): Sluice {
  if (config.server) return serverSluice(config.server);
  const { actor = machineUser() } = config;
  return databaseSluice({ url: () => requireDatabaseUrl(config), actor, temporal: rolloutsPlaceOf(config) });
}

export function rolloutsPlaceOf({
  temporal,
  taskQueue,
}: Pick<Config, "temporal" | "taskQueue">): RolloutsPlace {
  return {
    address: {
      address: temporal.address,
      namespace: temporal.environment["TEMPORAL_NAMESPACE"],
      environment: temporal.environment,
      local: temporal.source === "dev",
    },
    taskQueue,
    uiUrl: temporal.uiUrl,
  };
}
