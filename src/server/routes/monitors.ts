import { invalidInput, notFound, SluiceError } from "../../domain/errors.ts";
import { readMonitors, wantsRollback } from "../../domain/monitors/monitors-file.ts";
import { allowsReading } from "../../domain/access/grants.ts";
import type { AlertAct, ListedAlert, ListedMonitor, MonitorPlace } from "../../domain/shapes/monitors.ts";
import type { Rights } from "../../domain/shapes/rights.ts";
import { listAlerts } from "../../storage/read/alerts.ts";
import { answerAlert } from "../../use-cases/answer-alert.ts";
import { listMonitors } from "../../use-cases/list-monitors.ts";
import { replayMonitor } from "../../use-cases/replay-monitor.ts";
import { setMonitors, setMuted } from "../../use-cases/set-monitors.ts";
import { assertPlace } from "../auth/authorise.ts";
import {
  alert,
  alertList,
  alertsQuery,
  monitor,
  monitorList,
  monitorParams,
  monitorsQuery,
  monitorsSet,
  muteBody,
  replayed,
  replayQuery,
  setMonitorsBody,
} from "../contract/monitors.ts";
import type { Parts } from "../parts.ts";
import { type Asking, notNow, rightTo } from "../rights/rights.ts";
import { answer, type Caller, defineRoute, type Place } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";
import { rollBackScope } from "./pointers.ts";

const USUAL_FACTOR = 2;

export const listAllMonitors = defineRoute({
  method: "GET",
  path: "/v1/monitors",
  summary: "What is watched of live versions outside rollouts, and how far each monitor has come",
  about: "Of what the key was granted. All of an installation share one false alarm in 90 days.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: monitorsQuery,
  answers: { 200: monitorList },
  async run({ query: { prompt }, caller, parts: { db } }) {
    const { lookedAt, sharing, monitors } = await listMonitors(db, { prompt });
    const items = monitors.filter((one) => sees(caller, one));
    return answer(200, { lookedAt, sharing, items: items as never, next: null });
  },
});

export const getMonitor = defineRoute({
  method: "GET",
  path: "/v1/monitors/:id",
  summary: "One monitor: what it holds the version against, and how soon it would find a change",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  params: monitorParams,
  answers: { 200: monitor },
  run: async ({ params: { id }, caller, parts }) =>
    answer(200, (await requireMonitor(caller, id, parts)) as never),
});

export const replayOneMonitor = defineRoute({
  method: "GET",
  path: "/v1/monitors/:id/replay",
  summary: "What a monitor would have rung for in the last 30 days, and when a change would have been found",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  params: monitorParams,
  query: replayQuery,
  answers: { 200: replayed },
  async run({ params, query: { factor = USUAL_FACTOR }, caller, parts }) {
    const { id } = await requireMonitor(caller, params.id, parts);
    return answer(200, (await replayMonitor(parts.db, { id, factor })) as never);
  },
});

export const putMonitors = defineRoute({
  method: "PUT",
  path: "/v1/monitors",
  summary: "Sets what is watched in a scope, all of it",
  about:
    "What `monitors` leaves out is watched as usual. A `regate` may spend what an evaluation over HTTP may spend at most. `action: rollback` moves a pointer later: it takes what a rollback takes.",
  allow: { permission: "release", places: ({ body }) => placeOfScope(body) },
  limit: "write",
  body: setMonitorsBody,
  answers: { 200: monitorsSet },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const { prompt, label, model, tenant } = scopeOf(body);
    assertAffordable(body.monitors, parts);
    if (wantsRollback(body.monitors)) await assertMayRollBack(parts, caller, { prompt, label, tenant });
    const place = { prompt, label, model: model || null, tenant: tenant || null };
    const items = await setMonitors(caller.acting(), { place, monitors: body.monitors, by: null });
    return answer(200, { items: items as never, next: null });
  },
});

export const muteOneMonitor = defineRoute({
  method: "POST",
  path: "/v1/monitors/:id/mute",
  summary: "Has a monitor raise no alert for a while",
  allow: { permission: "release", places: "filtered" },
  limit: "write",
  params: monitorParams,
  body: muteBody,
  answers: { 200: monitor },
  idempotency: "natural",
  async run({ params, body: { forMs }, caller, parts }) {
    const found = await requireMonitor(caller, params.id, parts);
    assertChanging(caller, found);
    return answer(200, (await setMuted(caller.acting(), { id: found.id, forMs, by: null })) as never);
  },
});

export const listAllAlerts = defineRoute({
  method: "GET",
  path: "/v1/alerts",
  summary: "What monitors have found: versions that have got worse",
  about:
    "Of what the key was granted; the open ones unless `all=true`. `can` says what the key may do about each.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: alertsQuery,
  answers: { 200: alertList },
  async run({ query, caller, parts: { db } }) {
    const seen = (await listAlerts(db, query)).filter((one) => sees(caller, one));
    const items = await Promise.all(
      seen.map(async (one) => ({ ...one, can: await alertRights(one, { caller, parts: { db } }) })),
    );
    return answer(200, { items: items as never, next: null });
  },
});

export const acknowledgeOneAlert = defineRoute({
  method: "POST",
  path: "/v1/alerts/:id/acknowledgement",
  summary: "Takes an alert on: it is not told again",
  allow: { permission: "release", places: "filtered" },
  limit: "write",
  params: monitorParams,
  answers: { 200: alert },
  idempotency: "natural",
  async run({ params: { id }, caller, parts }) {
    assertChanging(caller, await requireAlert(caller, id, parts));
    const taken = await answerAlert(caller.acting(), { id, by: null, name: caller.key.owner });
    return answer(200, taken as never);
  },
});

/** What somebody may do about an alert. */
async function alertRights(
  { prompt, label, tenant, acknowledgedBy, mutedUntil, resolvedAt }: ListedAlert,
  asking: Asking,
): Promise<Rights<AlertAct>> {
  const place = { prompt, label, tenant: tenant ?? "", use: "change" } as const;
  const isOver = resolvedAt === null ? undefined : notNow("it is over");
  return {
    acknowledge:
      isOver ??
      (acknowledgedBy === null
        ? await rightTo(acknowledgeOneAlert, place, asking)
        : notNow(`${acknowledgedBy} has taken it on`)),
    mute:
      isOver ??
      (mutedUntil === null
        ? await rightTo(muteOneMonitor, place, asking)
        : notNow("its monitor is muted already")),
  };
}

async function requireMonitor(caller: Caller, id: string, { db }: Parts): Promise<ListedMonitor> {
  const found = (await listMonitors(db)).monitors.find((one) => one.id === id);
  if (found && sees(caller, found)) return found;
  throw notFound("there is no such monitor that this key may see", { id });
}

async function requireAlert(caller: Caller, id: string, { db }: Parts): Promise<ListedAlert> {
  const [found] = await listAlerts(db, { all: true, idPrefix: id, limit: 1 });
  if (found && sees(caller, found)) return found;
  throw notFound("there is no such alert that this key may see", { id });
}

/** What a key may have paid at once it may not have paid each day either. */
function assertAffordable(written: unknown, { maxEvaluationUsd }: Parts): void {
  for (const [name, spec] of Object.entries(readMonitors(written)))
    if (spec !== "off" && spec.kind === "regate" && spec.max_cost_usd > maxEvaluationUsd)
      throw invalidInput(
        `body.monitors.${name}.max_cost_usd: over HTTP a run may spend ${maxEvaluationUsd} US dollars at most (SLUICE_MAX_EVALUATION_USD of the server)`,
        { at: `body.monitors.${name}.max_cost_usd`, most: maxEvaluationUsd },
      );
}

/** What a key may not do now it may not have done later. */
async function assertMayRollBack(parts: Parts, caller: Caller, place: Omit<Place, "use">): Promise<void> {
  const right = await rightTo(rollBackScope, { ...place, use: "change" }, { caller, parts });
  if (!right.allowed)
    throw new SluiceError("forbidden", `body.monitors.action: ${right.why}`, { at: "body.monitors.action" });
}

function sees({ grants }: Caller, { prompt, label, tenant }: MonitorPlace): boolean {
  return allowsReading(grants, { prompt, label, tenant: tenant ?? "" });
}

function assertChanging(caller: Caller, { prompt, label, tenant }: MonitorPlace): void {
  assertPlace(caller, { prompt, label, tenant: tenant ?? "", use: "change" });
}
