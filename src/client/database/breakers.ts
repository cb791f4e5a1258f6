import type { HeldBack } from "../../domain/models/circuits.ts";
import { listCircuits } from "../../storage/read/circuits.ts";
import { resetBreakers as reset } from "../../use-cases/reset-breakers.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function breakers(parts: DatabaseParts): Promise<readonly HeldBack[]> {
  return parts.read(listCircuits);
}

export function resetBreakers(parts: DatabaseParts, endpoint?: string): Promise<readonly HeldBack[]> {
  return parts.write((db) => reset(db, endpoint));
}
