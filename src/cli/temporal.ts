import { temporalSettings, withTemporal } from "../temporal/connect.ts";
import {
  controlRollout,
  isRolloutRunning,
  startRolloutWorkflow,
  type ControlAnswer,
  type ControlName,
} from "../temporal/rollout-client.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { RolloutStarter } from "../use-cases/start-rollout.ts";
import type { CommandContext } from "./context.ts";

/** What commands ask of Temporal. */
export interface Rollouts extends RolloutStarter {
  readonly control: <Name extends ControlName>(
    scope: ScopeColumns,
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
      start: (input) => startRolloutWorkflow(client, input, context.config.taskQueue),
      isRunning: (scope) => isRolloutRunning(client, scope),
      control: (scope, name, request) => controlRollout(client, scope, name, request),
      pageOf: (workflow) => pageOf(temporal.uiUrl, namespace, workflow),
    }),
  );
}

export function pageOf(
  uiUrl: string | undefined,
  namespace: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string | null },
): string | null {
  if (uiUrl === undefined) return null;
  const base = uiUrl.replace(/\/+$/, "");
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}${runId ? `/${runId}` : ""}`;
}
