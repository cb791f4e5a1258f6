import { allowsPrompt } from "../../domain/access/grants.ts";
import { roleMay } from "../../domain/access/permissions.ts";
import { invalidInput, notFound } from "../../domain/errors.ts";
import { parseReference } from "../../domain/names.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { isLabelProtected } from "../../storage/read/label-list.ts";
import { planPropagation } from "../../use-cases/plan-propagation.ts";
import { propagateInclude, requirePropagation } from "../../use-cases/propagate-include.ts";
import { assertMayAsk, assertMayThere } from "../auth/authorise.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { propagation, propagationBody, propagationParams } from "../contract/propagating.ts";
import { operationUuid } from "../requests/idempotency-key.ts";
import { answer, defineRoute } from "../route.ts";

export const propagate = defineRoute({
  method: "POST",
  path: "/v1/propagations",
  summary: "Takes a version to what includes its prompt",
  about:
    "Workers make each dependant anew, what is included before what includes it, and put it to its gate, or with `rollout` roll it out, three at once; all are stopped once one was taken back. What is kept in a repository is not made: `patch` says what its file has to say. Of what the key was granted. On a protected label an editor asks: each rollout there waits for a releaser's approval.",
  allow: {
    permission: "author",
    places: ({ body: { prompt, label } }) => ({ prompt, ...(label !== undefined && { label }), use: "read" }),
  },
  limit: "write",
  body: propagationBody,
  answers: { 202: propagation },
  idempotency: "operation",
  async run({ body, caller, parts, operationId }) {
    const { prompt, version: number, to, rollout, maxCostUsd = parts.maxEvaluationUsd } = body;
    const label = body.label ?? (rollout ? DEFAULT_LABEL : undefined);
    if (maxCostUsd > parts.maxEvaluationUsd)
      throw invalidInput(
        `body.maxCostUsd: over HTTP ${parts.maxEvaluationUsd} US dollars may be spent at most (SLUICE_MAX_EVALUATION_USD of the server)`,
        { at: "body.maxCostUsd", most: parts.maxEvaluationUsd },
      );
    await assertPromptSeen(parts.db, prompt);
    const planned = await planPropagation(parts.db, {
      of: { prompt, number },
      to,
      label,
      seen: caller.grants,
    });
    if (rollout) assertMayAsk(caller, { permission: "release" });
    for (const step of planned.steps) {
      const where = rollout ? { label: label!, tenant: "" } : {};
      await assertMayThere(parts, caller, {}, { prompt: step.prompt, ...where, use: "change" });
    }
    const needsApproval =
      rollout && !roleMay(caller.key.role, "release_protected") && (await isLabelProtected(parts.db, label!));
    const started = await propagateInclude(caller.acting(), parts.rollouts, planned, {
      id: operationUuid(operationId),
      label: label ?? null,
      rollout,
      needsApproval,
      maxCostUsd,
      by: caller.key.owner,
    });
    return answer(202, started, { location: `/v1/propagations/${started.propagationId}` });
  },
});

export const getPropagation = defineRoute({
  method: "GET",
  path: "/v1/propagations/:id",
  summary: "What has become of the prompts that include a version",
  about: "Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  params: propagationParams,
  answers: { 200: propagation },
  async run({ params: { id }, caller: { grants }, parts: { db } }) {
    const found = await requirePropagation(db, id);
    const dependants = found.dependants.filter(({ prompt }) => allowsPrompt(grants, prompt));
    const { prompt } = parseReference(found.version);
    if (!allowsPrompt(grants, prompt) || dependants.length === 0)
      throw notFound(`there is no propagation ${id}`, { propagationId: id });
    return answer(200, { ...found, dependants });
  },
});
