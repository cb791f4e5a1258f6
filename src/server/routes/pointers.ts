import * as v from "valibot";
import { SluiceError } from "../../domain/errors.ts";
import { allowsReading } from "../../domain/access/grants.ts";
import { parseVersionReference, type VersionReference } from "../../domain/names.ts";
import { roleMay } from "../../domain/access/permissions.ts";
import type { ListedPointer } from "../../domain/shapes/pointers.ts";
import { listPointers } from "../../storage/read/pointer-list.ts";
import { pointersAt } from "../../storage/read/pointers-at.ts";
import { awaitFleet } from "../../use-cases/await-fleet.ts";
import { rollBack } from "../../use-cases/roll-back.ts";
import {
  pastPointerList,
  pastPointersQuery,
  pointerList,
  pointersOfQuery,
  rollbackBody,
  rolledBack,
} from "../contract/pointers.ts";
import { answer, type Caller, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const listAllPointers = defineRoute({
  method: "GET",
  path: "/v1/pointers",
  summary: "What each scope serves",
  about:
    "With a prompt: all that its requests can meet, defaults among them. With `?at=` what they served then, as `/v1/pointers/past` says it.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: pointersOfQuery,
  answers: { 200: v.union([pointerList, pastPointerList]) },
  async run({ query: { prompt, label, at }, caller, parts: { db } }) {
    const isAsked = (one: Pick<ListedPointer, "label" | "prompt" | "tenant">) =>
      (label === undefined || one.label === label) && seesPointer(caller, one);
    const items =
      at === undefined
        ? (await listPointers(db, prompt)).filter(isAsked)
        : (await pointersAt(db, new Date(at), prompt)).filter(isAsked);
    return answer(200, { items, next: null } as v.InferOutput<typeof pointerList>);
  },
});

export const listPastPointers = defineRoute({
  method: "GET",
  path: "/v1/pointers/past",
  summary: "What each scope served at a moment, and who had made it so",
  about: "From the audit log.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: pastPointersQuery,
  answers: { 200: pastPointerList },
  async run({ query: { at, prompt }, caller, parts }) {
    const found = await pointersAt(parts.db, new Date(at), prompt);
    return answer(200, { items: found.filter((one) => seesPointer(caller, one)), next: null });
  },
});

export const rollBackScope = defineRoute({
  method: "POST",
  path: "/v1/rollbacks",
  summary: "Back to what was live before, at once",
  about:
    "Needs Postgres alone, and ends the rollout that is running. Audited under the key's owner, by proof.",
  allow: {
    permission: "release",
    places: ({ body }) => placeOfScope(body),
  },
  limit: "write",
  body: rollbackBody,
  answers: { 200: rolledBack },
  idempotency: "operation",
  async run({ body, caller, parts, signal, operationId }) {
    if (body.to !== undefined && !roleMay(caller.key.role, "release_protected"))
      throw new SluiceError(
        "forbidden",
        `a key of the role ${caller.key.role} may roll back to what was live before, and no further; leave "to" out`,
        { role: caller.key.role, permission: "release_protected" },
      );
    const { reason, waitForFleetMs = 0 } = body;
    const scope = scopeOf(body);
    const since = performance.now();
    const to = readTarget(body.to);
    const done = await rollBack(caller.acting(), { scope, reason, by: null, to, operationId });
    // It is done: who has confirmed it is only told, and not to be told is no failure.
    const { revision } = done;
    const fleet = await awaitFleet(parts.db, {
      scope,
      revision,
      withinMs: waitForFleetMs,
      since,
      signal,
    }).catch(() => null);
    return answer(200, { ...done, fleet: fleet as never });
  },
});

function seesPointer(
  { grants }: Caller,
  { label, prompt, tenant }: Pick<ListedPointer, "label" | "prompt" | "tenant">,
): boolean {
  return allowsReading(grants, { label, prompt: prompt ?? "", tenant: tenant ?? "" });
}

function readTarget(target: string | undefined): VersionReference | "inherited" | undefined {
  return target === undefined || target === "inherited" ? target : parseVersionReference(target);
}
