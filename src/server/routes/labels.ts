import { invalidInput, SluiceError } from "../../domain/errors.ts";
import { allowsReading } from "../../domain/access/grants.ts";
import { roleMay } from "../../domain/access/permissions.ts";
import { listPointers } from "../../storage/read/pointer-list.ts";
import { findVersionById, requireVersion } from "../../storage/read/version.ts";
import { foreseenMove, moveLabel } from "../../use-cases/move-label.ts";
import { planDirectMove } from "../../use-cases/plan-direct-move.ts";
import { setPointerByHand } from "../../use-cases/set-pointer.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { labelList, labelMoved, labelSet, moveLabelBody, setLabelBody } from "../contract/labels.ts";
import { promptParams } from "../contract/prompts.ts";
import { expectedRevision } from "../requests/expected-revision.ts";
import type { Parts } from "../parts.ts";
import { RequestRefused } from "../requests/problem.ts";
import { answer, type Caller, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const listLabels = defineRoute({
  method: "GET",
  path: "/v1/prompts/:name/labels",
  summary: "What each label serves of a prompt",
  allow: { permission: "read", places: ({ params }) => ({ prompt: params.name, use: "read" }) },
  limit: "read",
  params: promptParams,
  answers: { 200: labelList },
  async run({ params: { name }, caller: { grants }, parts: { db } }) {
    await assertPromptSeen(db, name);
    const items = (await listPointers(db, name))
      .filter(({ prompt, label, tenant }) =>
        allowsReading(grants, { label, prompt: prompt ?? "", tenant: tenant ?? "" }),
      )
      // Defaults for every prompt are nobody's own: GET /v1/pointers has them.
      .filter(({ prompt }) => prompt !== null)
      .map(({ label, model, tenant, active, activeId, candidate, mode, share, revision }) => ({
        label,
        model,
        tenant,
        serves: active,
        version_id: activeId,
        candidate,
        mode,
        share,
        revision,
      }));
    return answer(200, { items, next: null });
  },
});

export const setLabel = defineRoute({
  method: "PUT",
  path: "/v1/prompts/:name/labels",
  summary: "Moves a label to a version by hand",
  about:
    "Compare-and-set: `If-Match` (412 when it has moved) or `expectedRevision` (409). Needs a passed evaluation against what is served, or `force`.",
  allow: {
    permission: "release",
    onProtected: "release_protected",
    places: ({ params, body }) => placeOfScope({ ...body, prompt: params.name }),
  },
  limit: "write",
  params: promptParams,
  body: setLabelBody,
  answers: { 200: labelSet },
  idempotency: "operation",
  async run({ params: { name }, body, caller, parts, header, operationId }) {
    const expected = expectedRevision(header, body.expectedRevision);
    if (body.force || body.emergency) assertMayForce(caller);
    const version = await versionOf(parts, name, body);
    const scope = scopeOf({ ...body, prompt: name });
    const { reason, force, emergency } = body;
    const set = await setPointerByHand(caller.acting(), {
      scope,
      version,
      reason,
      force,
      emergency,
      operationId,
      expectedRevision: expected.revision,
      by: null,
    }).catch((error: unknown) => {
      throw expected.from === "header" && isOfAnotherRevision(error, expected.revision)
        ? moved(error)
        : error;
    });
    const etag = `"${set.revision}-${set.sha256.slice(0, 8)}"`;
    return answer(200, { label: scope.label, ...set, version_id: set.versionId }, { etag });
  },
});

export const moveLabelByRules = defineRoute({
  method: "POST",
  path: "/v1/prompts/:name/labels",
  summary: "Has a label serve a version, by the label's rules",
  about:
    "What `sluice import --move-label` does, by the rules of `POST /api/public/v2/prompts`: a label that is not protected is moved; a protected one to what has passed its gate, or to the first version that it serves, and else the version is rolled out, where the prompt has a policy. `dryRun` only says what it would come to.",
  allow: {
    permission: "release",
    onProtected: "release_protected",
    places: ({ params, body }) => placeOfScope({ ...body, prompt: params.name }),
  },
  limit: "write",
  params: promptParams,
  body: moveLabelBody,
  answers: { 200: labelMoved },
  idempotency: "operation",
  async run({ params: { name: prompt }, body, caller, parts, operationId, signal }) {
    const { label, version: number, dryRun } = body;
    if (number === undefined && !dryRun)
      throw invalidInput("body.version: which version is the label to serve?", { at: "body.version" });
    const version = number === undefined ? undefined : await requireVersion(parts.db, { prompt, number });
    const scope = scopeOf({ ...body, prompt });
    const asked = { scope, versionId: version?.id, mayRelease: true, by: "an import" };
    const plan = await planDirectMove(parts.db, asked);
    if (dryRun || version === undefined) return answer(200, foreseenMove(label, plan));
    const by = { by: null, starter: caller.key.owner };
    const move = { scope, version: { prompt, number: version.number }, plan, operationId, ...by, signal };
    return answer(200, await moveLabel(caller.acting(), parts.rollouts, move));
  },
});

/** An admin's key may, and one that was granted it. */
export function assertMayForce({ key, grants }: Caller): void {
  if (roleMay(key.role, "force") || grants.force === true) return;
  throw new SluiceError(
    "forbidden",
    `a key of the role ${key.role} needs evidence to move a label: roll the version out (POST /v1/rollouts), or use a key that was granted force`,
    { role: key.role, permission: "force" },
  );
}

async function versionOf(
  { db }: Parts,
  prompt: string,
  {
    version,
    version_id: id,
  }: { readonly version?: number | undefined; readonly version_id?: string | undefined },
): Promise<{ prompt: string; number: number }> {
  if ((version === undefined) === (id === undefined))
    throw invalidInput("name the version: give either version or version_id", { at: "body" });
  if (version !== undefined) return { prompt, number: version };
  const found = await findVersionById(db, id!);
  if (found?.prompt === prompt) return { prompt, number: found.number };
  throw invalidInput("body.version_id: is no version of this prompt", { at: "body.version_id" });
}

/** Only a pointer that has moved is refused with another revision than the one that was expected. */
function isOfAnotherRevision(error: unknown, expected: number): error is SluiceError {
  if (!(error instanceof SluiceError) || error.code !== "conflict") return false;
  const { revision } = error.details;
  return typeof revision === "number" && revision !== expected;
}

function moved({ message, details }: SluiceError): RequestRefused {
  return new RequestRefused("precondition_failed", message, {}, details);
}
