import * as v from "valibot";
import { EXAMINED_PARTS } from "../../domain/shapes/examination.ts";

/** As `sluice doctor --json`. */
export const examination = v.object({
  /** The worst of them, of which a note is none. */
  state: v.picklist(["ok", "todo", "down"]),
  checks: v.array(
    v.object({
      part: v.picklist(EXAMINED_PARTS),
      name: v.string(),
      state: v.picklist(["ok", "note", "todo", "down"]),
      /** One sentence. */
      said: v.string(),
      /** What to do; null where nothing is. */
      todo: v.nullable(v.string()),
    }),
  ),
});
