import { SluiceError } from "../../domain/errors.ts";
import { coversGrants } from "../../domain/access/grants.ts";
import { createKey } from "../../use-cases/create-key.ts";
import { listKeys } from "../../use-cases/list-keys.ts";
import { listIntake } from "../../use-cases/list-intake.ts";
import { rotateKey } from "../../use-cases/rotate-key.ts";
import { withdrawKey } from "../../use-cases/withdraw-key.ts";
import {
  createdKey,
  createKeyBody,
  keyIntakeList,
  keyList,
  keyParams,
  keysQuery,
  revokedKey,
  rotateKeyBody,
} from "../contract/keys.ts";
import { answer, defineRoute } from "../route.ts";

/** Postgres sees to it that a key is about keys that can do no more than itself. */
const BY_ADMIN = { access: "admin" } as const;

const allow = { permission: "administer", needsKey: true, places: "filtered" } as const;

export const listAllKeys = defineRoute({
  method: "GET",
  path: "/v1/keys",
  summary: "The keys that are good, the newest first",
  about:
    "With `?all=true` also what has expired or was revoked. Of keys that can do no more than the one that asks.",
  allow,
  limit: "read",
  query: keysQuery,
  answers: { 200: keyList },
  run: async ({ query: { all = false }, caller }) =>
    answer(200, { items: await listKeys(caller.acting(), { all }, BY_ADMIN), next: null }),
});

export const listKeyIntake = defineRoute({
  method: "GET",
  path: "/v1/intake",
  summary: "What Langfuse's clients have sent with each key, by what became of it",
  about:
    "`generation` and `score` were counted; other kinds say why something was not: these clients are always answered that all is well. Of keys that can do no more than the one that asks.",
  allow,
  limit: "read",
  answers: { 200: keyIntakeList },
  run: async ({ caller }) => answer(200, { items: await listIntake(caller.acting(), BY_ADMIN), next: null }),
});

export const createOneKey = defineRoute({
  method: "POST",
  path: "/v1/keys",
  summary: "A new key, which is told once",
  about:
    "It is granted no more than the key that makes it has. The answer is kept nowhere: where it was lost, revoke the key and make another.",
  allow,
  limit: "write",
  body: createKeyBody,
  answers: { 201: createdKey },
  idempotency: "none",
  async run({ body, caller }) {
    const { owner = caller.key.owner, grants } = body;
    if (!coversGrants(caller.grants, grants))
      throw new SluiceError(
        "forbidden",
        "this key cannot grant more than it has: give the new one grants within its own; GET /v1/me says what they are",
        { grants: caller.grants },
      );
    return answer(201, await createKey(caller.acting(), { ...body, owner }, BY_ADMIN));
  },
});

export const rotateOneKey = defineRoute({
  method: "POST",
  path: "/v1/keys/:id/rotation",
  summary: "A new key with the same rights, which is told once; the old one stays good for a day",
  allow,
  limit: "write",
  params: keyParams,
  body: rotateKeyBody,
  answers: { 201: createdKey },
  idempotency: "none",
  run: async ({ params: { id }, body: { overlapMs }, caller }) =>
    answer(201, await rotateKey(caller.acting(), id, overlapMs, BY_ADMIN)),
});

export const revokeOneKey = defineRoute({
  method: "DELETE",
  path: "/v1/keys/:id",
  summary: "Revokes a key: at once, everywhere within seconds",
  allow,
  limit: "write",
  params: keyParams,
  answers: { 200: revokedKey },
  idempotency: "natural",
  run: async ({ params: { id }, caller }) => answer(200, await withdrawKey(caller.acting(), id, BY_ADMIN)),
});
