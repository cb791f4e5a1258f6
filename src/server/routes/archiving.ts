import { setArchived } from "../../use-cases/set-archived.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { assertWholePrompt } from "../auth/whole-prompt.ts";
import { archiveBody, archivedPrompt } from "../contract/archiving.ts";
import { promptParams } from "../contract/prompts.ts";
import { answer, defineRoute } from "../route.ts";

export const archivePrompt = defineRoute({
  method: "PATCH",
  path: "/v1/prompts/:name",
  summary: "Puts a prompt away, or takes it out again",
  about:
    "An archived prompt has no rollouts and no place in lists; its versions stay. 409 for one that is rolled out somewhere, and, without `stillServed`, for one that is served; services go on getting what they get.",
  allow: { permission: "release", places: ({ params }) => ({ prompt: params.name, use: "change" }) },
  limit: "write",
  params: promptParams,
  body: archiveBody,
  answers: { 200: archivedPrompt },
  idempotency: "natural",
  async run({ params: { name: prompt }, body: { archived, reason, stillServed }, caller, parts }) {
    assertWholePrompt(caller, prompt);
    await assertPromptSeen(parts.db, prompt);
    return answer(
      200,
      await setArchived(caller.acting(), { prompt, archived, stillServed, reason, assertedActor: null }),
    );
  },
});
