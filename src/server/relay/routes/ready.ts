import * as v from "valibot";
import { answer, defineServing, type ServingRoute } from "../../route.ts";

const part = v.picklist(["up", "down"]);
const readiness = v.object({ status: v.picklist(["ready", "not_ready"]), upstream: part });

/** Whether the server has been reached, or what it said last is known: one that is cut off goes on serving. */
export function readyHere(
  state: () => { readonly isAway: boolean; readonly canServe: boolean },
): ServingRoute {
  return defineServing({
    method: "GET",
    path: "/readyz",
    summary: "There is something to serve from",
    allow: "anybody",
    limit: "free",
    answers: { 200: readiness, 503: readiness },
    async run({ parts }) {
      const { isAway, canServe } = state();
      const upstream = isAway ? ("down" as const) : ("up" as const);
      if (canServe && !parts.closing.aborted) return answer(200, { status: "ready" as const, upstream });
      return answer(503, { status: "not_ready" as const, upstream });
    },
  });
}
