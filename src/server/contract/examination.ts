import * as v from "valibot";
import { CHECK_STATES, EXAMINATION_STATES, EXAMINED_PARTS } from "../../domain/shapes/examination.ts";

/** As `sluice doctor --json`. */
export const examination = v.object({
  /** The worst of them, of which a note is none. */
  state: v.picklist(EXAMINATION_STATES),
  checks: v.array(
    v.object({
      part: v.picklist(EXAMINED_PARTS),
      name: v.string(),
      state: v.picklist(CHECK_STATES),
      /** One sentence. */
      said: v.string(),
      /** What to do; null where nothing is. */
      todo: v.nullable(v.string()),
    }),
  ),
});
