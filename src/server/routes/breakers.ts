import { SluiceError } from "../../domain/errors.ts";
import { listCircuits } from "../../storage/read/circuits.ts";
import { resetBreakers } from "../../use-cases/reset-breakers.ts";
import { heldBackList, resetBody } from "../contract/breakers.ts";
import { answer, type Caller, defineRoute } from "../route.ts";
import { isRestricted } from "./resolver.ts";

/** Endpoints are the installation's: of no label, prompt or tenant. */
function assertWhole({ grants }: Caller): void {
  if (isRestricted(grants))
    throw new SluiceError(
      "forbidden",
      "endpoints of models are the whole installation's: this takes a key of all labels, prompts and tenants",
    );
}

export const listBreakers = defineRoute({
  method: "GET",
  path: "/v1/breakers",
  summary: "Endpoints and models from which processes hold calls back, since they have failed too often",
  about: "As processes have told each other. A key of some labels, prompts or tenants alone is refused.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: heldBackList },
  async run({ caller, parts: { db } }) {
    assertWhole(caller);
    return answer(200, { items: await listCircuits(db), next: null });
  },
});

export const resetAllBreakers = defineRoute({
  method: "POST",
  path: "/v1/breakers/reset",
  summary: "Has all processes call again what was held back",
  about: "Within seconds. What still fails is held back again. Answers with what was held back.",
  allow: { permission: "release_protected", places: "filtered" },
  limit: "write",
  body: resetBody,
  answers: { 200: heldBackList },
  idempotency: "none",
  async run({ body: { endpoint }, caller }) {
    assertWhole(caller);
    return answer(200, { items: await resetBreakers(caller.acting(), endpoint), next: null });
  },
});
