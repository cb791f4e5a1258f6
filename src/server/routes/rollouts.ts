import { notFound } from "../../domain/errors.ts";
import { allowsReading } from "../../domain/grants.ts";
import { listRollouts } from "../../storage/read/rollout-list.ts";
import { statusOfRollout } from "../../storage/read/rollout-status.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { rolloutList, rolloutParams, rolloutsQuery, rolloutStatus } from "../contract/rollouts.ts";
import { answer, defineRoute } from "../route.ts";

export const listAllRollouts = defineRoute({
  method: "GET",
  path: "/v1/rollouts",
  summary: "Rollouts, the newest first",
  about: "What the key was not granted is left out, so a page may be short while there is a next one.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: rolloutsQuery,
  answers: { 200: rolloutList },
  async run({ query, caller, parts }) {
    const { cursor, limit = USUAL_ITEMS, ...filter } = query;
    const rows = await listRollouts(parts.db, { ...filter, limit, after: cursor });
    const items = rows.filter(({ label, prompt, tenant }) =>
      allowsReading(caller.grants, { label, prompt, tenant: tenant ?? "" }),
    );
    return answer(200, { items, next: nextOf(rows, limit, ({ rolloutId }) => rolloutId) });
  },
});

export const getRollout = defineRoute({
  method: "GET",
  path: "/v1/rollouts/:id",
  summary: "Where a rollout is, and what it has seen",
  allow: {
    permission: "read",
    places: async ({ params }, { belonging }) => {
      const found = (await belonging.scopesOf([params.id])).get(params.id);
      if (!found) throw noSuchRollout(params.id);
      const { label, prompt, tenant } = found;
      return { label, prompt, tenant, use: "read" };
    },
  },
  limit: "read",
  params: rolloutParams,
  answers: { 200: rolloutStatus },
  async run({ params, parts }) {
    const status = await statusOfRollout(parts.db, params.id);
    if (!status) throw noSuchRollout(params.id);
    return answer(200, status as never);
  },
});

function noSuchRollout(id: string): Error {
  return notFound("there is no such rollout that this key may see", { rolloutId: id });
}
