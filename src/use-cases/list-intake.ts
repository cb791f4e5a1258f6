import type { KeyIntake } from "../domain/shapes/keys.ts";
import type { Database } from "../storage/database.ts";
import { langfuseIntake } from "../storage/read/langfuse-intake.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { listKeys } from "./list-keys.ts";

/** What Langfuse's clients have sent with each key, ended ones too; an admin's access is told of those that they may know of. */
export async function listIntake(db: Database, hand: KeyHand = {}): Promise<KeyIntake[]> {
  const counts = Map.groupBy(await langfuseIntake(db), ({ key }) => key);
  const keys = await listKeys(db, { all: true }, hand);
  return keys.flatMap(({ id, name }) => {
    const own = counts.get(id)?.map(({ key: _, ...count }) => count);
    return own ? [{ id, name, intake: own }] : [];
  });
}
