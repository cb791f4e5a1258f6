import { readRolloutHistory } from "../../storage/read/rollout-history.ts";
import { listRollouts } from "../../storage/read/rollout-list.ts";
import { statusOfRollout } from "../../storage/read/rollout-status.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import {
  rolloutEventsQuery,
  rolloutList,
  rolloutParams,
  rolloutsQuery,
  rolloutStatus,
} from "../contract/rollouts.ts";
import { recordQuery, rolloutRecord } from "../contract/rollout-record.ts";
import { noSuchRollout, placeOfRollout } from "../place-of-rollout.ts";
import { rolloutRights } from "../rights/rollout-rights.ts";
import { answer, defineRoute, defineStream } from "../route.ts";

export const listAllRollouts = defineRoute({
  method: "GET",
  path: "/v1/rollouts",
  summary: "Rollouts, the newest first",
  about: "Of what the key was granted.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: rolloutsQuery,
  answers: { 200: rolloutList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { cursor, limit = USUAL_ITEMS, ...filter } = query;
    const items = await listRollouts(db, { ...filter, seen, limit, after: cursor });
    return answer(200, { items, next: nextOf(items, limit, ({ rolloutId }) => rolloutId) });
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
  async run({ params, caller, parts }) {
    const status = await statusOfRollout(parts.db, params.id);
    if (!status) throw noSuchRollout(params.id);
    const { workflowId, runId } = status;
    const [can, uiUrl = null] = await Promise.all([
      rolloutRights(status, { caller, parts }),
      parts.rollouts.pageOf?.({ workflowId, runId }),
    ]);
    return answer(200, { ...status, can, uiUrl } as never);
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
  query: recordQuery,
  run: async ({ params: { id }, query: { looks }, parts: { db } }) =>
    answer(200, (await readRolloutHistory(db, id, { withoutLooks: looks === "none" })) as never),
});

export const watchRollout = defineStream({
  method: "GET",
  path: "/v1/rollouts/:id/events",
  summary: "Server-sent events: where a rollout is, and its end",
  about:
    "`event: status` with the rollout's state whenever it changes, and the present one at once; `event: end` with its outcome, after which nothing comes. With `data=none` a `status` is empty, for whoever then asks.",
  allow: { permission: "read", places: placeOfRollout("read") },
  limit: "read",
  params: rolloutParams,
  query: rolloutEventsQuery,
  open({ params, query, caller, parts, header }, response) {
    const stream = parts.streams.add(response, { keyId: caller.key.id, stillLet: caller.stillGood });
    const known = header("last-event-id");
    const stop = parts.watches.watch(params.id, ({ id, text, status }) => {
      const data = query.data === "none" ? "{}" : text;
      if (id !== known) stream.send(`event: status\nid: ${id}\ndata: ${data}\n\n`);
      if (status.outcome === null) return;
      const { outcome, reason } = status;
      stream.send(`event: end\ndata: ${JSON.stringify({ rolloutId: params.id, outcome, reason })}\n\n`);
      stream.end();
    });
    response.on("close", stop);
  },
});
