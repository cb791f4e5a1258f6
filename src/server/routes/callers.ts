import { invalidInput } from "../../domain/errors.ts";
import { reportCallers } from "../../use-cases/report-callers.ts";
import { reportImpact } from "../../use-cases/report-impact.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { callers, callersQuery, impact, impactBody } from "../contract/callers.ts";
import { answer, defineRoute, type Place } from "../route.ts";

/** Without a label: what is granted of all of them. */
function placeOf({ prompt, label }: { prompt: string; label?: string | undefined }): Place {
  return { prompt, ...(label !== undefined && { label }), use: "read" };
}

export const getCallers = defineRoute({
  method: "GET",
  path: "/v1/callers",
  summary: "Which services have rendered a prompt lately, and what they send",
  about:
    "Names, types and lengths of values, never a value, as resolvers and this server have noted them. A service that has called within none of the days is not known.",
  allow: { permission: "read", places: ({ query }) => placeOf(query) },
  limit: "read",
  query: callersQuery,
  answers: { 200: callers },
  async run({ query, caller, parts: { db } }) {
    await assertPromptSeen(db, query.prompt);
    return answer(200, await reportCallers(db, { ...query, seen: caller.grants }));
  },
});

export const getImpact = defineRoute({
  method: "POST",
  path: "/v1/impact",
  summary: "Who would notice a version, or a prompt file that is none yet",
  about:
    "Its prompt's callers that would fail or be answered otherwise, and the versions that include it, with their callers. Keeps nothing.",
  allow: { permission: "read", places: ({ body }) => placeOf(body) },
  limit: "write",
  bodyLimit: 4 << 20,
  body: impactBody,
  answers: { 200: impact },
  idempotency: "natural",
  async run({ body, caller, parts: { db } }) {
    const { prompt, version, file, label, days } = body;
    await assertPromptSeen(db, prompt);
    if ((version === undefined) === (file === undefined))
      throw invalidInput("name a version, or give a file, and not both", { at: "body" });
    const of =
      version === undefined
        ? { text: JSON.stringify({ name: prompt, ...file }, null, 2), name: "body.file" }
        : { prompt, number: version };
    return answer(200, await reportImpact(db, { of, label, days, seen: caller.grants }));
  },
});
