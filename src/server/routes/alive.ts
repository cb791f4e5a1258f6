import * as v from "valibot";
import { answer, defineServing } from "../route.ts";

export const healthz = defineServing({
  method: "GET",
  path: "/healthz",
  summary: "This process is alive",
  allow: "anybody",
  limit: "free",
  answers: { 200: v.object({ status: v.literal("alive") }) },
  run: async () => answer(200, { status: "alive" }),
});
