import { notFound } from "../../domain/errors.ts";
import { allowsReading } from "../../domain/grants.ts";
import { readRolloutHistory } from "../../storage/read/rollout-history.ts";
import { listRollouts } from "../../storage/read/rollout-list.ts";
import { statusOfRollout } from "../../storage/read/rollout-status.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { rolloutList, rolloutParams, rolloutsQuery, rolloutStatus } from "../contract/rollouts.ts";
import { rolloutRecord } from "../contract/rollout-record.ts";
import type { Parts } from "../parts.ts";
import { answer, defineRoute, defineStream, type Place } from "../route.ts";

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
    places: placeOfRollout("read"),
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

export const getRolloutRecord = defineRoute({
  method: "GET",
  path: "/v1/rollouts/:id/record",
  summary: "All that is kept of a rollout: gate, approvals, verdicts, the look that decided, audit",
  allow: { permission: "read", places: placeOfRollout("read") },
  limit: "read",
  params: rolloutParams,
  answers: { 200: rolloutRecord },
  run: async ({ params: { id }, parts: { db } }) => answer(200, (await readRolloutHistory(db, id)) as never),
});

export const watchRollout = defineStream({
  method: "GET",
  path: "/v1/rollouts/:id/events",
  summary: "Server-sent events: where a rollout is, and its end",
  about:
    "`event: status` with the rollout's state whenever it changes, and the present one at once; `event: end` with its outcome, after which nothing comes.",
  allow: { permission: "read", places: placeOfRollout("read") },
  limit: "read",
  params: rolloutParams,
  open({ params, caller, parts, header }, response) {
    const stream = parts.streams.add(response, { keyId: caller.key.id, stillLet: caller.stillGood });
    const known = header("last-event-id");
    const stop = parts.watches.watch(params.id, ({ id, text, status }) => {
      if (id !== known) stream.send(`event: status\nid: ${id}\ndata: ${text}\n\n`);
      if (status.outcome === null) return;
      const { outcome, reason } = status;
      stream.send(`event: end\ndata: ${JSON.stringify({ rolloutId: params.id, outcome, reason })}\n\n`);
      stream.end();
    });
    response.on("close", stop);
  },
});

/** What a key has to be granted, to look at a rollout or to ask something of it. */
export function placeOfRollout(use: Place["use"]) {
  return async (
    { params: { id } }: { readonly params: { readonly id: string } },
    { belonging }: Parts,
  ): Promise<Place> => {
    const found = (await belonging.scopesOf([id])).get(id);
    if (!found) throw noSuchRollout(id);
    const { label, prompt, tenant } = found;
    return { label, prompt, tenant, use };
  };
}

export function noSuchRollout(id: string): Error {
  return notFound("there is no such rollout that this key may see", { rolloutId: id });
}
