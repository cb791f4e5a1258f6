import { digestJson } from "../../digest.ts";
import { findVersionBySha256, newestVersion, requireVersion } from "../../storage/read/version.ts";
import { loadPromptFile } from "../../templates/load-prompt-file.ts";
import { setArchived } from "../../use-cases/set-archived.ts";
import { pushDocument } from "../../use-cases/push-document.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { assertWholePrompt } from "../auth/whole-prompt.ts";
import {
  langfuseCreateBody,
  langfuseError,
  langfuseLabelsBody,
  langfuseNothing,
  langfuseParams,
  langfuseQuery,
  langfuseRow,
  langfuseVersionParams,
} from "../contract/langfuse.ts";
import { moveLabels, planLabels } from "../langfuse/move-labels.ts";
import { promptFileOfLangfuse } from "../../templates/requests/from-langfuse.ts";
import { langfusePrompt } from "../../templates/requests/to-langfuse.ts";
import { rowOf } from "../langfuse/row.ts";
import { RequestRefused } from "../requests/problem.ts";
import { answer, defineRoute } from "../route.ts";

/** By which a client that knows no rollouts hears of one. */
const ROLLOUT_HEADER = "sluice-rollout";
const rolloutHeader = (rollouts: readonly string[]) =>
  rollouts.length > 0 ? { [ROLLOUT_HEADER]: rollouts.join(",") } : {};

export const createLangfusePrompt = defineRoute({
  method: "POST",
  path: "/api/public/v2/prompts",
  summary: "A new version of a prompt, by Langfuse's clients",
  about:
    "The text is kept byte for byte; content that is there already is the version that has it. Of `labels`, one that is not protected is moved; a protected one starts a rollout where the prompt has a policy (its id is in the header `Sluice-Rollout`), unless the version has passed its gate. A label that may not be moved refuses everything.",
  allow: { permission: "author", places: ({ body }) => ({ prompt: body.name, use: "change" }) },
  limit: "write",
  bodyLimit: 4 << 20,
  body: langfuseCreateBody,
  answers: { 201: langfuseRow },
  idempotency: "natural",
  async run(asked) {
    const { body, caller, parts } = asked;
    const { name, labels, commitMessage } = body;
    const newest = (await newestVersion(parts.db, name))?.artifact;
    const text = JSON.stringify(
      promptFileOfLangfuse(body, newest, caller.grants.langfuse?.defaultModel, "body"),
      null,
      2,
    );
    const { artifact } = loadPromptFile(text, "body");
    const known = await findVersionBySha256(parts.db, name, digestJson(artifact));
    const planned = await planLabels(parts, caller, name, labels ?? [], known?.id);
    const pushed = await pushDocument(
      caller.acting(),
      { prompt: name, text, name: "body" },
      { seen: caller.grants, author: caller.key.owner, message: commitMessage ?? "", mayChangePolicy: false },
    );
    const version = { name, id: pushed.versionId, number: pushed.version, artifact };
    const rollouts = await moveLabels(asked, { prompt: name, number: pushed.version }, planned);
    return answer(201, await rowOf(parts, caller, version), rolloutHeader(rollouts));
  },
});

export const labelLangfusePrompt = defineRoute({
  method: "PATCH",
  path: "/api/public/v2/prompts/:name/versions/:version",
  summary: "Makes labels serve a version, by Langfuse's clients",
  about: "By the rules of `POST /api/public/v2/prompts`.",
  allow: { permission: "release", places: ({ params }) => ({ prompt: params.name, use: "change" }) },
  limit: "write",
  params: langfuseVersionParams,
  body: langfuseLabelsBody,
  answers: { 200: langfuseRow },
  idempotency: "natural",
  async run(asked) {
    const { params, body, caller, parts } = asked;
    const { name, version: number } = params;
    await assertPromptSeen(parts.db, name);
    const version = await requireVersion(parts.db, { prompt: name, number });
    // One that its clients could not be served goes nowhere by them.
    langfusePrompt(version.artifact, caller.grants.langfuse);
    const planned = await planLabels(parts, caller, name, body.newLabels, version.id);
    const rollouts = await moveLabels(asked, version, planned);
    return answer(200, await rowOf(parts, caller, { name, ...version }), rolloutHeader(rollouts));
  },
});

export const deleteLangfusePrompt = defineRoute({
  method: "DELETE",
  path: "/api/public/v2/prompts/:name",
  summary: "Archives a prompt that nobody is served, by Langfuse's clients",
  about: "One version, or what a label serves, is not deleted: versions are immutable (405).",
  allow: { permission: "release", places: ({ params }) => ({ prompt: params.name, use: "change" }) },
  limit: "write",
  params: langfuseParams,
  query: langfuseQuery,
  answers: { 204: langfuseNothing, 405: langfuseError },
  idempotency: "natural",
  async run({ params: { name }, query, caller, parts }) {
    if (query.label !== undefined || query.version !== undefined)
      throw new RequestRefused(
        "method_not_allowed",
        "versions are immutable, so none of them is deleted; without label and version, a prompt that nobody is served is archived",
      );
    assertWholePrompt(caller, name);
    await assertPromptSeen(parts.db, name);
    const request = {
      prompt: name,
      archived: true,
      reason: "deleted by a Langfuse client",
      assertedActor: null,
    };
    await setArchived(caller.acting(), request);
    return answer(204, undefined);
  },
});
