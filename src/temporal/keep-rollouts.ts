import type { Rollouts, RolloutsPort } from "../protocol/rollout-controls.ts";
import { type TemporalAddress, temporalSettings } from "./connect.ts";
import { type ExplainTrouble, keepTemporal } from "./keep-temporal.ts";
import { temporalFacts } from "./read-facts.ts";
import { rolloutTemporal } from "./rollout-client.ts";
import { rolloutControls } from "./rollout-controls.ts";
import { workflowPage } from "./workflow-page.ts";

export interface RolloutsPlace {
  readonly address: TemporalAddress;
  readonly taskQueue: string;
  /** Temporal's web page; undefined where it is not known. */
  readonly uiUrl: string | undefined;
}

/** What is asked of Temporal about rollouts, over a connection that is opened when it is first needed, and kept. */
export function keepRollouts(
  { address, taskQueue, uiUrl }: RolloutsPlace,
  explain?: ExplainTrouble,
): RolloutsPort {
  const kept = keepTemporal(address, explain);
  const pageOf: Rollouts["pageOf"] = (workflow) =>
    workflowPage(uiUrl, temporalSettings(address).namespace, workflow);
  return {
    use: (work) =>
      kept.use((client) =>
        work({
          ...rolloutTemporal(client, taskQueue),
          ...rolloutControls(client),
          facts: () => temporalFacts(client, temporalSettings(address), taskQueue),
          pageOf,
        }),
      ),
    pageOf: async (workflow) => pageOf(workflow),
    close: () => kept.close(),
  };
}
