import { invalidInput } from "../domain/errors.ts";
import type { Manifest, Publication } from "../domain/shapes/delivering.ts";
import type { DeliveryTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { openDeliveries } from "../storage/read/deliveries.ts";
import { transact } from "../storage/transact.ts";
import { type ManifestToPublish, publishManifest } from "../storage/write/publish-manifest.ts";

/** Publishes what a repository's prompts are at a commit: `conflict` where it does not follow what is published. */
export async function publish(db: Database, request: ManifestToPublish): Promise<Publication> {
  assertWhole(request.manifest);
  return transact(db, (transaction) => publishManifest(transaction, request));
}

/** Has the deliveries of earlier commits see that another one has taken their place. */
export async function wakeDeliveries(
  db: Database,
  temporal: DeliveryTemporal,
  repository: string,
): Promise<void> {
  for (const { prompt, commit } of await openDeliveries(db, repository))
    // One that is not there any more is started again by the upkeep of workers, and then sees it.
    await temporal.wakeDelivery(prompt, commit);
}

/** What `sluice.yaml` was held to before: a manifest may also come from elsewhere. */
function assertWhole({ environments, prompts }: Manifest): void {
  const names = environments.map(({ name }) => name);
  for (const [i, { name, from }] of environments.entries()) {
    if (names.indexOf(name) < i) throw invalidInput(`environments: ${name} is there twice`);
    if (from !== null && !names.slice(0, i).includes(from))
      throw invalidInput(`environments: ${name}: from names no environment before it: ${from}`);
  }
  const places = environments.flatMap(({ label, scopes }) =>
    scopes.map(({ model, tenant }) => JSON.stringify([label, model ?? "", tenant ?? ""])),
  );
  if (new Set(places).size < places.length)
    throw invalidInput("environments: two of them are one label and scope");
  const twice = prompts.find(({ prompt }, i) => prompts.findIndex((one) => one.prompt === prompt) < i);
  if (twice) throw invalidInput(`prompts: ${twice.prompt} is there twice`);
}
