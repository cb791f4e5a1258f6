import type { Config } from "../config.ts";
import type { RolloutsPlace } from "../temporal/keep-rollouts.ts";
import { requireDatabaseUrl } from "../config.ts";
import { enterServer } from "./http/workload-key.ts";
import { machineUser } from "./machine-user.ts";
import type { Sluice } from "./sluice.ts";

/** Over the server that the environment names, or else the database; of the two doors only that one is loaded. */
export async function configuredSluice(config: Config): Promise<Sluice> {
  if (config.server) {
    const { serverSluice } = await import("./http/server-sluice.ts");
    return serverSluice(await enterServer(config.server));
  }
  const { databaseSluice } = await import("./database/database-sluice.ts");
  const { actor = machineUser() } = config;
  return databaseSluice({
    url: () => requireDatabaseUrl(config),
    actor,
    temporal: rolloutsPlaceOf(config),
    contents: config.contents,
  });
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
