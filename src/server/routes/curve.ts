import * as v from "valibot";
import { USUAL_POINTS } from "../../domain/shapes/curve.ts";
import { curveQuery, rolloutCurve } from "../contract/curve.ts";
import { rolloutParams } from "../contract/rollouts.ts";
import { curveTag } from "../../storage/read/curve-looks.ts";
import { placeOfRollout } from "../place-of-rollout.ts";
import { hasAlready } from "../requests/has-already.ts";
import { answer, defineRoute } from "../route.ts";

export const getCurve = defineRoute({
  method: "GET",
  path: "/v1/rollouts/:id/curve",
  summary: "What a rollout has seen over time, with what decides it",
  about:
    "Column by column, in `points` looks. `bestCase` is past `harmLine` at exactly the looks that found harm, `worstCase` past `claimLine` at those that found it good enough. `?after=` a tick gives what came since. Computed apart: 503 where too much is being computed already.",
  allow: { permission: "read", places: placeOfRollout("read") },
  limit: "read",
  params: rolloutParams,
  query: curveQuery,
  answers: { 200: rolloutCurve, 304: v.undefined() },
  async run({ params: { id: rolloutId }, query, parts: { db, pool }, header, signal }) {
    const { points = USUAL_POINTS, after } = query;
    const etag = `"${await curveTag(db, rolloutId)}-${points}-${after ?? ""}"`;
    if (hasAlready(header("if-none-match"), etag)) return answer(304, undefined, { etag });
    return answer(200, (await pool.compute("curve", { rolloutId, points, after }, signal)) as never, {
      etag,
    });
  },
});
