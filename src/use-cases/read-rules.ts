import type { RolloutPolicy } from "../domain/policy/policy.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { RolloutRules } from "../domain/shapes/rules.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import type { Database } from "../storage/database.ts";
import { frozenBaseRates } from "../storage/read/base-rates.ts";
import { findDocument } from "../storage/read/document.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { ownPolicy } from "./load-policy-document.ts";
import { readKnownUsage } from "./read-baseline-history.ts";

/** What a rollout would go by, with all that it takes to plan one or to imagine it, also by rules that are not kept yet. */
export async function readRules(db: Database, scope: ScopeColumns): Promise<RolloutRules> {
  const policy = await ownPolicy(db, scope.prompt);
  const serves = await servedVersion(db, scope);
  const served = serves === null ? undefined : await findVersionById(db, serves);
  return {
    prompt: scope.prompt,
    label: scope.label,
    model: scope.model || null,
    tenant: scope.tenant || null,
    serves: served ? versionName(served) : null,
    policy: policy ?? null,
    dataset: await datasetOf(db, policy),
    usage: await readKnownUsage(db, scope, serves),
    baseRates: policy ? await baseRatesOf(db, policy, scope) : {},
  };
}

async function datasetOf(db: Database, policy: RolloutPolicy | undefined): Promise<RolloutRules["dataset"]> {
  const sha256 = policy?.gate?.dataset_sha256;
  const found = sha256 === undefined ? undefined : await findDocument(db, sha256);
  return found ? { name: found.name, cases: (found.body as Dataset).cases.length } : null;
}

async function baseRatesOf(
  db: Database,
  policy: RolloutPolicy,
  scope: ScopeColumns,
): Promise<RolloutRules["baseRates"]> {
  const { metrics } = (await frozenBaseRates(db, policy, scope)).policy;
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { base_rate }]) => (base_rate ? [[name, base_rate]] : [])),
  );
}
