import type { HeldBack } from "../../domain/models/circuits.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function breakers(server: ServerConnection): Promise<readonly HeldBack[]> {
  return (await server.get<{ items: HeldBack[] }>("/v1/breakers")).items;
}

export async function resetBreakers(
  server: ServerConnection,
  endpoint?: string,
): Promise<readonly HeldBack[]> {
  return (await server.change<{ items: HeldBack[] }>("POST", "/v1/breakers/reset", { body: { endpoint } }))
    .items;
}
