import { conflict, notFound } from "../domain/errors.ts";
import type { StartedDelivery } from "../domain/shapes/delivering.ts";
import type { DeliveryTemporal, RolloutTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { findDelivery, listedDelivery, standing } from "../storage/read/deliveries.ts";
import { listManifests } from "../storage/read/manifests.ts";
import { findVersionBySha256, versionName } from "../storage/read/version.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { transact } from "../storage/transact.ts";
import { openDelivery } from "../storage/write/record-delivery.ts";
import { advanceDelivery } from "./advance-delivery.ts";
import { type LoadedPolicy, storePolicy } from "./load-policy.ts";
import { keepDatasets } from "./keep-datasets.ts";

export interface VersionToDeliver {
  readonly prompt: string;
  /** The one whose manifest is published. */
  readonly commit: string;
  /** By environment; the policy that was pushed with the prompt where there is none. */
  readonly policies: ReadonlyMap<string, LoadedPolicy>;
  /** Labels on which whoever asks may only ask for a rollout. */
  readonly needsApproval: readonly string[];
  /** What is started only because somebody asks for it. */
  readonly also: readonly ("refused" | "older")[];
  readonly by: string | null;
}

/**
 * Takes what a commit's manifest says of a prompt through the environments: starts what is due at once, in the name of
 * whoever asks, and a workflow for what has to wait. Once for a commit, however many ask.
 */
export async function deliverVersion(
  db: Database,
  temporal: RolloutTemporal & DeliveryTemporal,
  { prompt, commit, policies, needsApproval, also, by }: VersionToDeliver,
): Promise<StartedDelivery> {
  const [manifest] = await listManifests(db, { prompt });
  const says = manifest?.prompts.find((one) => one.prompt === prompt);
  if (!manifest || !says)
    throw notFound(`no published manifest has ${prompt}: apply the commit that does (sluice sync apply)`, {
      prompt,
    });
  if (manifest.commit !== commit)
    throw conflict(
      `commit ${manifest.commit.slice(0, 12)} of ${manifest.repository} was applied meanwhile, so nothing goes on for ${commit.slice(0, 12)}`,
      { commit: manifest.commit },
    );
  const version = await findVersionBySha256(db, prompt, says.sha256);
  if (!version)
    throw notFound(`${prompt} has no version of what ${says.path} says: push it first (sluice sync apply)`, {
      prompt,
    });
  // A Temporal that cannot be used is found before anything is written.
  await temporal.place();
  const { repository, branch } = manifest;
  const kept = await keepDatasets(
    db,
    [...policies.values()].map(({ dataset }) => dataset),
  );
  const deliveryId = await transact(db, async (transaction) => {
    const stored: Record<string, string> = {};
    for (const [environment, policy] of policies)
      stored[environment] = await storePolicy(transaction, policy, kept);
    const places = { prompt, commit, repository, branch, versionId: version.id };
    return openDelivery(transaction, { ...places, policies: stored, needsApproval, also, assertedBy: by });
  });
  const { started, done } = await advanceDelivery(db, temporal, deliveryId);
  if (!done) {
    const owner = { prompt, installation: await installationOrigin(db) };
    await temporal.startDelivery({ deliveryId, version: versionName(version), commit }, owner);
  }
  const row = (await findDelivery(db, deliveryId))!;
  return { delivery: listedDelivery(row, await standing(db, row, manifest)), started };
}
