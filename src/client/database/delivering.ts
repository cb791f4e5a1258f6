import type {
  ForgottenManifest,
  ListedDelivery,
  Publication,
  PublishedManifest,
  StartedDelivery,
} from "../../domain/shapes/delivering.ts";
import type { SeenDrifts } from "../../domain/shapes/syncing.ts";
import { listDeliveries } from "../../storage/read/deliveries.ts";
import { listDrift } from "../../storage/read/drift.ts";
import { listManifests } from "../../storage/read/manifests.ts";
import { deliverVersion } from "../../use-cases/deliver-version.ts";
import { forgetManifest as forget } from "../../use-cases/forget-manifest.ts";
import { loadPolicyDocument } from "../../use-cases/load-policy-document.ts";
import { publish, wakeDeliveries } from "../../use-cases/publish-manifest.ts";
import {
  type DeliveriesRequest,
  type DeliverRequest,
  type ForgetRequest,
  type PublishRequest,
  USUAL_DELIVERIES,
} from "../delivery-requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function manifests(parts: DatabaseParts): Promise<readonly PublishedManifest[]> {
  return parts.read((db) => listManifests(db));
}

export function deliveries(
  parts: DatabaseParts,
  { limit = USUAL_DELIVERIES, ...filter }: DeliveriesRequest = {},
): Promise<readonly ListedDelivery[]> {
  return parts.read((db) => listDeliveries(db, { ...filter, limit }));
}

export function drift(parts: DatabaseParts): Promise<SeenDrifts> {
  return parts.read(listDrift);
}

export function publishManifest(
  parts: DatabaseParts,
  { manifest, expectedRevision, takeOver = false }: PublishRequest,
): Promise<Publication> {
  return parts.write(async (db) => {
    const published = await publish(db, {
      manifest,
      expectedRevision,
      takeOver,
      assertedActor: parts.actor,
    });
    // What waits sees it by itself when it looks next: a Temporal that cannot be reached undoes nothing.
    if (published.changed)
      await parts.rollouts
        .use((temporal) => wakeDeliveries(db, temporal, manifest.repository))
        .catch(() => undefined);
    return published;
  });
}

export function forgetManifest(
  parts: DatabaseParts,
  { prompts = [], ...request }: ForgetRequest,
): Promise<ForgottenManifest> {
  return parts.write((db) => forget(db, { ...request, prompts, assertedActor: parts.actor }));
}

export function deliver(
  parts: DatabaseParts,
  { prompt, commit, policies = {}, also = [] }: DeliverRequest,
): Promise<StartedDelivery> {
  return parts.write((db) =>
    parts.rollouts.use((temporal) =>
      deliverVersion(db, temporal, {
        prompt,
        commit,
        policies: new Map(
          Object.entries(policies).map(([environment, document]) => [
            environment,
            loadPolicyDocument(document),
          ]),
        ),
        needsApproval: [],
        also,
        by: parts.actor,
      }),
    ),
  );
}
