import type { ValuesOfCase } from "../domain/shapes/playground.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import type { Database } from "../storage/database.ts";
import { findDocument } from "../storage/read/document.ts";
import { ownPolicy } from "./load-policy-document.ts";

/** As many as anybody chooses from. */
const MOST = 200;

/** What the test cases of a prompt's golden set give its variables, in their order; none without such a set. */
export async function listValues(db: Database, prompt: string): Promise<ValuesOfCase[]> {
  const sha256 = (await ownPolicy(db, prompt))?.gate?.dataset_sha256;
  const found = sha256 === undefined ? undefined : await findDocument(db, sha256);
  const cases = (found?.body as Dataset | undefined)?.cases ?? [];
  return cases
    .slice(0, MOST)
    .map(({ description = null, vars }, index) => ({ index, description, values: vars }));
}
