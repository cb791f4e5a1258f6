import { roleMay } from "../../domain/access/permissions.ts";
import { isLabelProtected } from "../../storage/read/label-list.ts";
import { findRollout } from "../../storage/read/rollout-row.ts";
import { abortByKey, type ControlByKey, controlByKey, withWayBack } from "../../use-cases/control-by-key.ts";
import { decideByKey } from "../../use-cases/decide-by-key.ts";
import { givenPolicyOf } from "../../use-cases/load-policy-document.ts";
import { startInTurn } from "../../use-cases/start-in-turn.ts";
import {
  abortedRollout,
  controlBody,
  decided,
  decisionBody,
  promotionAnswer,
  rolloutProgress,
  startBody,
  startedRollout,
} from "../contract/controls.ts";
import { rolloutParams } from "../contract/rollouts.ts";
import type { Parts } from "../parts.ts";
import { noSuchRollout, placeOfRollout } from "../place-of-rollout.ts";
import { type AnyRoute, answer, type AllowedRequest, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const startRollout = defineRoute({
  method: "POST",
  path: "/v1/rollouts",
  summary: "Rolls a version out: gate, canary, decision",
  about:
    "With an `Idempotency-Key`, which is also the rollout's request id, it is started once. On a protected label an editor asks: it waits for a releaser's approval before any user gets it.",
  allow: { permission: "release", places: ({ body }) => placeOfScope(body) },
  limit: "write",
  bodyLimit: 20 << 20,
  body: startBody,
  answers: { 202: startedRollout },
  idempotency: "operation",
  async run({ body, caller, parts, idempotencyKey, signal }) {
    const { prompt, version: number, again, force, replace } = body;
    const scope = scopeOf(body);
    const mayRelease = roleMay(caller.key.role, "release_protected");
    const needsApproval = !mayRelease && (await isLabelProtected(parts.db, scope.label));
    const start = {
      scope,
      prompt,
      number,
      again,
      force,
      needsApproval,
      by: caller.key.owner,
      requestId: body.requestId ?? idempotencyKey,
      policy: await givenPolicyOf(parts.db, prompt, body),
    };
    const started = await withWayBack(() =>
      startInTurn(caller.acting(), parts.rollouts, start, { replace, signal }),
    );
    return answer(202, { ...started, needsApproval }, { location: `/v1/rollouts/${started.rolloutId}` });
  },
});

const places = placeOfRollout("change");

async function requireRollout({ db }: Parts, id: string) {
  const rollout = await findRollout(db, id);
  if (!rollout) throw noSuchRollout(id);
  return rollout;
}

/** What the owner of a key wants of a rollout, in their name. */
async function requestOf({
  params,
  body: { reason, seen },
  caller,
  parts,
  operationId,
}: AllowedRequest<typeof rolloutParams, undefined, typeof controlBody>): Promise<ControlByKey> {
  const rollout = await requireRollout(parts, params.id);
  return { rollout, by: caller.key.owner, reason, seen, operationId };
}

const common = { method: "POST", limit: "write", params: rolloutParams, idempotency: "operation" } as const;

function control(name: "pause" | "resume", summary: string): AnyRoute {
  return defineRoute({
    ...common,
    path: `/v1/rollouts/:id/${name}`,
    summary,
    allow: { permission: "release", places },
    body: controlBody,
    answers: { 200: rolloutProgress },
    async run(allowed) {
      const { caller, parts } = allowed;
      const request = await requestOf(allowed);
      return answer(200, await controlByKey(caller.acting(), parts.rollouts, name, request));
    },
  });
}

export const pauseRollout = control("pause", "Stops a rollout where it is; its harm checks go on");
export const resumeRollout = control("resume", "Lets a paused rollout go on");

export const promoteRollout = defineRoute({
  ...common,
  path: "/v1/rollouts/:id/promote",
  summary: "Promotes at once, where there is enough to see harm and none shows",
  about: "`granted: false` says in `missing` what is still needed.",
  allow: { permission: "release", onProtected: "release_protected", places },
  body: controlBody,
  answers: { 200: promotionAnswer },
  async run(allowed) {
    const { caller, parts } = allowed;
    const request = await requestOf(allowed);
    return answer(200, await controlByKey(caller.acting(), parts.rollouts, "promote", request));
  },
});

export const abortRollout = defineRoute({
  ...common,
  path: "/v1/rollouts/:id/abort",
  summary: "Ends a rollout, with all traffic on the baseline",
  about: "Where no workflow answers, the database does it.",
  allow: { permission: "release", places },
  body: controlBody,
  answers: { 200: abortedRollout },
  async run(allowed) {
    const { caller, parts } = allowed;
    const request = await requestOf(allowed);
    return answer(200, await abortByKey(caller.acting(), parts.rollouts, request));
  },
});

function decision(name: "approve" | "reject", summary: string): AnyRoute {
  return defineRoute({
    ...common,
    path: `/v1/rollouts/:id/${name}`,
    summary,
    about:
      "What is kept is the decision; the workflow is only told of it, and reads it by itself otherwise (503).",
    allow: { permission: "release", onProtected: "release_protected", places },
    body: decisionBody,
    answers: { 200: decided },
    async run({ params, body: { comment = "", seen }, caller, parts, operationId }) {
      const rollout = await requireRollout(parts, params.id);
      const { owner: by, kind: proof, name: called } = caller.key;
      const email = proof === "person" ? called : undefined;
      const request = { rollout, decision: name, by, proof, email, comment, seen, operationId };
      return answer(200, await withWayBack(() => decideByKey(caller.acting(), parts.rollouts, request)));
    },
  });
}

export const approveRollout = decision("approve", "Says yes to a version, as its policy asks");
export const rejectRollout = decision("reject", "Says no to it, which ends its rollout");
