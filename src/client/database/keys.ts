import type { CreatedKey, KeyIntake, ListedKey, RevokedKey } from "../../domain/shapes/keys.ts";
import { createKey as create } from "../../use-cases/create-key.ts";
import { listIntake } from "../../use-cases/list-intake.ts";
import { listKeys } from "../../use-cases/list-keys.ts";
import { rotateKey as rotate } from "../../use-cases/rotate-key.ts";
import { withdrawKey } from "../../use-cases/withdraw-key.ts";
import type { CreateKeyRequest } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function keys(
  parts: DatabaseParts,
  { all = false }: { readonly all?: boolean | undefined } = {},
): Promise<ListedKey[]> {
  return parts.read((db) => listKeys(db, { all }));
}

export function keyIntake(parts: DatabaseParts): Promise<KeyIntake[]> {
  return parts.read((db) => listIntake(db));
}

export function createKey(parts: DatabaseParts, request: CreateKeyRequest): Promise<CreatedKey> {
  const { actor: by } = parts;
  const { grants = {}, owner = by } = request;
  return parts.write((db) => create(db, { ...request, grants, owner }, { by }));
}

export function rotateKey(
  parts: DatabaseParts,
  id: string,
  { overlapMs }: { readonly overlapMs?: number | undefined } = {},
): Promise<CreatedKey> {
  return parts.write((db) => rotate(db, id, overlapMs, { by: parts.actor }));
}

export function revokeKey(parts: DatabaseParts, id: string): Promise<RevokedKey> {
  return parts.write((db) => withdrawKey(db, id, { by: parts.actor }));
}
