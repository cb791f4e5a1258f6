import * as v from "valibot";

export const aboutServer = v.object({
  version: v.string(),
  /** The newest last. */
  decisionRules: v.array(v.string()),
  /** `schema`: the number of the newest migration. */
  postgres: v.object({ version: v.string(), schema: v.number() }),
  temporal: v.picklist(["reached", "not reached"]),
  /** Those that are open, and of them those that no worker has looked at in time. */
  canaries: v.object({ open: v.number(), unattended: v.number() }),
  /** Heard of within half a minute. */
  services: v.number(),
  /** Open ones, of this server. */
  streams: v.number(),
  maxEvaluationUsd: v.number(),
  playgroundUsd: v.number(),
});
