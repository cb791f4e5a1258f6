import * as v from "valibot";
import { describeApi } from "../openapi.ts";
import { answer, defineRoute, type AnyRoute, type PlainRoute } from "../route.ts";

/** What describes the other routes, and itself. */
export function apiDescription(others: readonly AnyRoute[], version: string): AnyRoute {
  let made: ReturnType<typeof describeApi> | undefined;
  const self: AnyRoute = defineRoute({
    method: "GET",
    path: "/openapi.json",
    summary: "This API, as OpenAPI 3.1",
    allow: "anybody",
    limit: "free",
    answers: { 200: v.object({}) },
    async run() {
      made ??= describeApi([...others, self] as unknown as readonly PlainRoute[], version);
      return answer(200, made);
    },
  });
  return self;
}
