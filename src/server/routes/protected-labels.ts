import { invalidInput, SluiceError } from "../../domain/errors.ts";
import { allowsLabel } from "../../domain/access/grants.ts";
import { labelSettings, listLabels as readLabels } from "../../storage/read/label-list.ts";
import { setLabel } from "../../use-cases/set-label.ts";
import {
  labelParams,
  protectBody,
  protectedLabel,
  protectedLabelList,
  protectedLabelSet,
} from "../contract/labels.ts";
import { answer, defineRoute } from "../route.ts";

export const listProtectedLabels = defineRoute({
  method: "GET",
  path: "/v1/labels",
  summary: "Labels: which of them only a releaser may move, and which come after another one",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: protectedLabelList },
  async run({ caller: { grants }, parts: { db } }) {
    const items = (await readLabels(db)).filter(({ label }) => allowsLabel(grants, label));
    // How many scopes there are is also about prompts and tenants of others.
    const isPart = grants.prompts !== undefined || grants.tenants !== undefined;
    return answer(200, {
      items: isPart ? items.map(({ scopes: _, ...item }) => item) : items,
      next: null,
    });
  },
});

export const getProtectedLabel = defineRoute({
  method: "GET",
  path: "/v1/labels/:label",
  summary:
    "Whether only a releaser may move a label, what a move without evidence comes to, and which label comes before it",
  allow: { permission: "read", places: ({ params: { label } }) => ({ label, use: "read" }) },
  limit: "read",
  params: labelParams,
  answers: { 200: protectedLabel },
  run: async ({ params: { label }, parts: { db } }) =>
    answer(200, { label, ...(await labelSettings(db, label)) }),
});

export const protectLabel = defineRoute({
  method: "PUT",
  path: "/v1/labels/:label",
  summary: "Protects a label or opens it to editors, and says which label comes before it",
  about:
    "On a protected label an editor's rollout waits for a releaser's approval. With `from` every move to the label takes a version that is live at that one, and has been for `liveForMs`. The way back is always open.",
  allow: { permission: "administer", places: ({ params: { label } }) => ({ label, use: "change" }) },
  limit: "write",
  params: labelParams,
  body: protectBody,
  answers: { 200: protectedLabelSet },
  idempotency: "natural",
  async run({ params: { label }, body, caller }) {
    if (caller.grants.prompts !== undefined || caller.grants.tenants !== undefined)
      throw new SluiceError(
        "forbidden",
        "a label is that of all prompts and tenants, and this key is for some of them",
        { label },
      );
    const { reason: _, ...said } = body;
    if (Object.values(said).every((one) => one === undefined))
      throw invalidInput("body: says nothing of the label; give protected, onDirectMove, from or liveForMs", {
        at: "body",
      });
    return answer(200, await setLabel(caller.acting(), { label, ...body, assertedActor: null }));
  },
});
