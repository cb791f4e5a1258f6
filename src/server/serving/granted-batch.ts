import * as v from "valibot";
import { allowsChanging, allowsReading, allowsTenant, type Grants } from "../../domain/access/grants.ts";
import { uuid } from "../contract/resolver.ts";
import type { Belonging } from "./belonging.ts";

const text = v.string();
const exposure = v.looseObject({ rollout: uuid });
const outcome = v.looseObject({
  version: uuid,
  rollout: v.optional(v.nullable(uuid)),
  label: v.optional(text, ""),
  tenant: v.optional(text, ""),
});
/** What has to be looked at of a batch; the rest is Postgres' to judge. */
export const recordBatch = v.looseObject({
  exposures: v.optional(v.array(exposure), []),
  outcomes: v.optional(v.array(outcome), []),
});
export type CheckedBatch = v.InferOutput<typeof recordBatch>;

/**
 * What of a batch a key may send: outcomes decide rollouts, so those of a prompt, a tenant or a rollout that it was
 * not granted are left out, and counted. A rollout for all tenants is also about the units of each of them.
 */
export async function grantedBatch(
  batch: CheckedBatch,
  grants: Grants,
  belonging: Belonging,
): Promise<{ readonly batch: CheckedBatch; readonly forbidden: number }> {
  const { exposures, outcomes } = batch;
  const rollouts = [...exposures, ...outcomes].flatMap((one) => one.rollout?.toLowerCase() ?? []);
  const scopes = await belonging.scopesOf(rollouts);
  const prompts = await belonging.promptsOf(outcomes.map(({ version }) => version.toLowerCase()));
  const mayRollout = (id: string) => {
    const scope = scopes.get(id.toLowerCase());
    return scope !== undefined && allowsReading(grants, scope);
  };
  const mayOutcome = ({ version, rollout, label, tenant }: (typeof outcomes)[number]) => {
    const prompt = prompts.get(version.toLowerCase());
    if (prompt === undefined || !allowsTenant(grants, tenant)) return false;
    const place = { label: label === "" ? (grants.labels?.[0] ?? "") : label, prompt, tenant };
    return allowsChanging(grants, place) && (!rollout || mayRollout(rollout));
  };
  const granted = {
    ...batch,
    exposures: exposures.filter(({ rollout }) => mayRollout(rollout)),
    outcomes: outcomes.filter(mayOutcome),
  };
  const forbidden = exposures.length - granted.exposures.length + (outcomes.length - granted.outcomes.length);
  return { batch: granted, forbidden };
}
