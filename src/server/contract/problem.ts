import * as v from "valibot";

/** RFC 9457. `error` is what the command line prints with `--json`. */
export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  instance: v.string(),
  requestId: v.string(),
  error: v.object({ code: v.string(), message: v.string(), details: v.object({}) }),
});
