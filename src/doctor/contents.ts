import type { Check } from "../domain/shapes/examination.ts";
import { messageOf } from "../domain/errors.ts";
import { sayLost } from "../domain/plain/lost-datasets.ts";
import { counted } from "../domain/text/counted.ts";
import { contentsOf } from "../storage/contents.ts";
import type { Database } from "../storage/database.ts";
import { lostContents, referredContents } from "../storage/read/contents.ts";
import { checksOf } from "./check.ts";

const { ok, todo, down } = checksOf("postgres");
const NAME = "large datasets";

/** Whether what is kept outside of the database is there. */
export async function examineContents(db: Database): Promise<Check> {
  const store = contentsOf(db);
  const referred = await referredContents(db);
  const [newest] = referred;
  if (!newest)
    return ok(NAME, store ? `none yet; they go to ${store.place}` : "all datasets are in the database");
  const many = counted(referred.length, "dataset");
  if (!store)
    return todo(
      NAME,
      `${many} ${referred.length === 1 ? "is" : "are"} kept in ${newest.place}, which is not named here`,
      "set SLUICE_CONTENTS here as the workers have it: gates and plans that need them fail without",
    );
  try {
    const lost = await lostContents(db, referred);
    return lost.length === 0
      ? ok(NAME, `${many} in ${store.place}, all there`)
      : todo(
          NAME,
          `${sayLost(lost, referred.length)} (${store.place})`,
          "push them again, or put them back from a backup",
        );
  } catch (error) {
    return down(NAME, messageOf(error));
  }
}
