import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { changesSince } from "../../src/storage/read/changes-since.ts";
import { findRollout, type RolloutRow } from "../../src/storage/read/rollout-row.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { openStore, type Store } from "../resolver/support/store.ts";

let store: Store;
let db: Database;
let rollout: RolloutRow;
beforeAll(async () => {
  store = await openStore();
  db = openDatabase(store.url, { max: 2 });
  const version = await store.addVersion("p", artifact("one"));
  const id = await store.addRollout("p", version, version);
  for (const [tick, verdict] of ["continue", "continue", "harm", "harm", "continue"].entries())
    await store.query(
      `insert into sluice.assessments (rollout_id, tick, stage, epoch, verdict, reason, assessment, inputs, code_version)
       values ($1, $2, 1, 1, $3, $3, '{}', '{}', '3')`,
      [id, tick + 1, verdict],
    );
  rollout = (await findRollout(db, id))!;
  const { tenant } = rollout;
  for (let move = 0; move < 3; move++)
    await store.movePointer({ label: "production", prompt: "p", tenant }, { active_version: version });
});
afterAll(async () => {
  await db.destroy();
  await store.close();
});

const ticks = async (tick: number) =>
  (await changesSince(db, rollout, { tick }))?.looks.map((look) => `${look.tick} ${look.verdict}`);

describe("what has changed since somebody looked at a rollout", () => {
  it("is each newer look that says something else than the one before, and no other", async () => {
    expect(await ticks(1)).toEqual(["3 harm", "5 continue"]);
    expect(await ticks(3)).toEqual(["5 continue"]);
    expect(await ticks(4)).toEqual(["5 continue"]);
    expect(await ticks(5)).toBeUndefined();
    expect(await ticks(9)).toBeUndefined();
  });

  it("is the pointer's revision, whatever the looks say", async () => {
    expect(await changesSince(db, rollout, { revision: 3 })).toBeUndefined();
    expect(await changesSince(db, rollout, { revision: 2, tick: 5 })).toMatchObject({
      revision: 3,
      looks: [],
    });
    expect(await changesSince(db, rollout, {})).toBeUndefined();
  });
});
