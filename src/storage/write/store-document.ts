import { digestJson } from "../../digest.ts";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/** Stores a policy or a dataset under its hash and gives the hash. The same content is stored once. */
export async function storeDocument(
  transaction: Transaction,
  document: {
    readonly kind: "policy" | "dataset";
    readonly name: string;
    readonly body: unknown;
    /** Of what identifies it, where that is not the whole body. */
    readonly sha256?: string;
  },
): Promise<string> {
  const sha256 = document.sha256 ?? digestJson(document.body);
  await transaction
    .insertInto("documents")
    .values({ sha256, kind: document.kind, name: document.name, body: storableJson(document.body) })
    .onConflict((conflict) => conflict.column("sha256").doNothing())
    .execute();
  return sha256;
}
