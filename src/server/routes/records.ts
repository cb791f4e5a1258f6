import { allowsTenant, type Grants } from "../../domain/access/grants.ts";
import { notFound } from "../../domain/errors.ts";
import type * as v from "valibot";
import { type AuditFilter, readAudit } from "../../storage/read/audit.ts";
import type { UsedBy } from "../../domain/shapes/usage.ts";
import type { Database } from "../../storage/database.ts";
import { readUsageSeries } from "../../storage/read/usage-series.ts";
import { readUsedBy } from "../../storage/read/usage-scopes.ts";
import { readReleases } from "../../storage/read/usage-releases.ts";
import { readUsage } from "../../storage/read/usage.ts";
import { reportFleet } from "../../use-cases/report-fleet.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { cursorEntry, cursorOfEntry, nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import {
  type auditLinesQuery,
  auditList,
  auditQuery,
  fleetQuery,
  fleetReport,
  usage,
  usageQuery,
} from "../contract/records.ts";
import { answer, defineRoute } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

const USUAL_SPAN_MS = 7 * 86_400_000;

/** From when on something is told: the last 7 days unless the query says. */
export function sinceOf(given: string | undefined): Date {
  return given === undefined ? new Date(Date.now() - USUAL_SPAN_MS) : new Date(given);
}

/** What a query asks for, as the store takes it. */
export function auditFilterOf({
  rollout: rolloutId,
  from,
  to,
  ...filter
}: v.InferOutput<typeof auditLinesQuery>): AuditFilter {
  const moment = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return { ...filter, rolloutId, from: moment(from), to: moment(to) };
}

export const listAudit = defineRoute({
  method: "GET",
  path: "/v1/audit",
  summary: "Who changed what, when and why, the newest first",
  about: "`principal` is who it was by proof. Entries about what the key may not see are left out.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: auditQuery,
  answers: { 200: auditList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { limit = USUAL_ITEMS, cursor, ...filter } = query;
    const before = cursorEntry(cursor);
    const found = await readAudit(db, { ...auditFilterOf(filter), limit, before, seen });
    const items = found.toReversed();
    return answer(200, { items, next: nextOf(items, limit, cursorOfEntry) });
  },
});

export const getFleet = defineRoute({
  method: "GET",
  path: "/v1/fleet",
  summary: "Which services serve what, and who is behind",
  allow: { permission: "read", places: ({ query }) => ({ ...placeOfScope(query), use: "read" }) },
  limit: "read",
  query: fleetQuery,
  answers: { 200: fleetReport },
  async run({ query, parts: { db } }) {
    await assertPromptSeen(db, query.prompt);
    const report = await reportFleet(db, scopeOf(query));
    if (report) return answer(200, report);
    throw notFound("this scope has no pointer of its own; see GET /v1/pointers", { prompt: query.prompt });
  },
});

export const getUsage = defineRoute({
  method: "GET",
  path: "/v1/usage",
  summary: "What versions did in the open",
  about: "Every recorded outcome counts. Without a tenant or a model: those of all of them.",
  // Without a tenant it is about all of them, so a key for some has to name one.
  allow: { permission: "read", places: ({ query }) => placeOfScope(query) },
  limit: "read",
  query: usageQuery,
  answers: { 200: usage },
  async run({ query, caller: { grants }, parts: { db } }) {
    await assertPromptSeen(db, query.prompt);
    const scope = scopeOf(query);
    const since = sinceOf(query.since);
    return answer(200, {
      prompt: scope.prompt,
      label: scope.label,
      model: scope.model || null,
      tenant: scope.tenant || null,
      since: since.toISOString(),
      versions: (await readUsage(db, { scope, since })) as never,
      ...(query.by && {
        series: await readUsageSeries(db, { scope, since }, query.by),
        releases: await readReleases(db, { scope, since }),
        usedBy: await usedBySeen(db, { scope, since }, grants),
      }),
    });
  },
});

/** A tenant that a key may not ask for is not named to it. */
async function usedBySeen(
  db: Database,
  which: Parameters<typeof readUsedBy>[1],
  grants: Grants,
): Promise<UsedBy> {
  const { tenants, models } = await readUsedBy(db, which);
  return { tenants: tenants.filter((one) => allowsTenant(grants, one)), models };
}
