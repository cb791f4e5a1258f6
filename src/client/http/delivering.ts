import type {
  ForgottenManifest,
  ListedDelivery,
  Publication,
  PublishedManifest,
  StartedDelivery,
} from "../../domain/shapes/delivering.ts";
import {
  type DeliveriesRequest,
  type DeliverRequest,
  type ForgetRequest,
  type PublishRequest,
  USUAL_DELIVERIES,
} from "../delivery-requests.ts";
import type { SeenDrift, SeenDrifts } from "../../domain/shapes/syncing.ts";
import { readPages } from "./pages.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function manifests(server: ServerConnection): Promise<readonly PublishedManifest[]> {
  return (await server.get<{ items: PublishedManifest[] }>("/v1/manifests")).items;
}

export function deliveries(
  server: ServerConnection,
  { limit = USUAL_DELIVERIES, prompt, repository, commit }: DeliveriesRequest = {},
): Promise<readonly ListedDelivery[]> {
  return readPages<ListedDelivery>(server, "/v1/deliveries", { prompt, repository, commit }, limit);
}

export async function drift(server: ServerConnection): Promise<SeenDrifts> {
  const { lookedAt, items } = await server.get<{ lookedAt: string | null; items: SeenDrift[] }>("/v1/drift");
  return { lookedAt, drift: items };
}

export function publishManifest(
  server: ServerConnection,
  { manifest, expectedRevision, takeOver }: PublishRequest,
): Promise<Publication> {
  return server.change("PUT", "/v1/manifests", { body: { ...manifest, expectedRevision, takeOver } });
}

export function forgetManifest(server: ServerConnection, body: ForgetRequest): Promise<ForgottenManifest> {
  return server.change("POST", "/v1/manifests/forgotten", { body });
}

export function deliver(server: ServerConnection, body: DeliverRequest): Promise<StartedDelivery> {
  return server.change("POST", "/v1/deliveries", { body });
}
