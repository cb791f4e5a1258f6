import { parseReference } from "../../domain/names.ts";
import type { Propagation } from "../../domain/shapes/propagating.ts";
import { type PropagateRequest, propagationOf } from "../propagation-requests.ts";
import { propagationId } from "../references.ts";
import { numberOf } from "./prompts.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function propagate(server: ServerConnection, request: PropagateRequest): Promise<Propagation> {
  const reference = parseReference(request.version);
  const options = propagationOf(request);
  const body = { prompt: reference.prompt, version: await numberOf(server, reference), ...options };
  return server.change("POST", "/v1/propagations", { body });
}

export async function propagation(server: ServerConnection, given: string): Promise<Propagation> {
  return server.get(`/v1/propagations/${propagationId(given)}`);
}
