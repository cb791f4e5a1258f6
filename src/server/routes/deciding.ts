import { SluiceError } from "../../domain/errors.ts";
import { changeDecisionRules } from "../../use-cases/change-decision-rules.ts";
import { nameAnchor } from "../../use-cases/name-anchor.ts";
import { anchorBody, movedRules, namedAnchor, rulesBody } from "../contract/deciding.ts";
import { placeOfRollout } from "../place-of-rollout.ts";
import { answer, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";
import { isRestricted } from "./resolver.ts";

export const anchorVersion = defineRoute({
  method: "POST",
  path: "/v1/anchors",
  summary: "Counts small losses anew from the version that is served",
  about: "409 for another version than the scope serves.",
  allow: {
    permission: "release",
    onProtected: "release_protected",
    places: ({ body }) => placeOfScope(body),
  },
  limit: "write",
  body: anchorBody,
  answers: { 200: namedAnchor },
  idempotency: "operation",
  async run({ body, caller }) {
    const scope = scopeOf(body);
    const { prompt, version: number, reason } = body;
    const anchor = await nameAnchor(caller.acting(), { scope, prompt, number, reason, by: null });
    return answer(200, { anchor, label: scope.label });
  },
});

const placeOfOne = placeOfRollout("change");

export const moveDecisionRules = defineRoute({
  method: "POST",
  path: "/v1/decision-rules",
  summary: "Decides running rollouts by another version of the rules",
  about: "One rollout, or with `from` every running one of that version, which takes a key for all of them.",
  allow: {
    permission: "administer",
    places: ({ body: { rolloutId: id } }, parts) =>
      id === undefined ? { use: "change" } : placeOfOne({ params: { id } }, parts),
  },
  limit: "write",
  body: rulesBody,
  answers: { 200: movedRules },
  idempotency: "natural",
  async run({ body, caller }) {
    if (body.rolloutId === undefined && isRestricted(caller.grants))
      throw new SluiceError("forbidden", "this key is for some of the rollouts: name one, as rolloutId");
    const moved = await changeDecisionRules(caller.acting(), { ...body, by: null });
    return answer(200, { to: body.to, moved });
  },
});
