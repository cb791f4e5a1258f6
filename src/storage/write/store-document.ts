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
    /** The hash of its body, where that is kept outside of the database. */
    readonly content?: string | undefined;
  },
): Promise<string> {
  const sha256 = document.sha256 ?? digestJson(document.body);
  await transaction
    .insertInto("documents")
    .values({
      sha256,
      kind: document.kind,
      name: document.name,
      body: document.content === undefined ? storableJson(document.body) : null,
      content_sha256: document.content ?? null,
    })
    .onConflict((conflict) => conflict.column("sha256").doNothing())
    .execute();
  return sha256;
}
