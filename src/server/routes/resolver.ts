import * as v from "valibot";
import { allowsReading, type Grants } from "../../domain/access/grants.ts";
import { notFound, SluiceError } from "../../domain/errors.ts";
import type { SpentBudget } from "../../domain/monitors/spent-budget.ts";
import type { CallerReport } from "../../domain/prompt/caller-report.ts";
import { ReportRefused, type SourceAnswer } from "../../resolver/index.ts";
import { noSuchPrompt } from "../auth/authorise.ts";
import {
  callerReport,
  circuitAnswer,
  circuitExchange,
  known,
  pointersAnswer,
  pointersQuery,
  servingReport,
  spentBudgets,
  storedVersion,
  taken,
  versionQuery,
} from "../contract/resolver.ts";
import { readJson } from "../requests/json-body.ts";
import { RequestRefused } from "../requests/problem.ts";
import {
  answer,
  answerWritten,
  defineServing,
  defineServingStream,
  RAW_JSON,
  type WrittenAnswer,
  writtenJson,
} from "../route.ts";

export const isRestricted = ({ labels, prompts, tenants }: Grants) => Boolean(labels ?? prompts ?? tenants);

export const readPointers = defineServing({
  method: "POST",
  path: "/v1/resolver/pointers",
  summary: "The pointers of these scopes, and the versions that they name",
  about: "One consistent read. Scopes that the key may not see are answered as if they had none, and listed.",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  bodyLimit: 4 << 20,
  body: pointersQuery,
  bodyComesAgain: true,
  answers: { 200: pointersAnswer },
  idempotency: "natural",
  soon: ({ body, caller, parts }) =>
    isRestricted(caller.grants) ? undefined : parts.source.read(body).then(pointersJson),
  async run({ body, caller, parts }) {
    const { grants } = caller;
    if (!isRestricted(grants)) return answerWritten(pointersJson(await parts.source.read(body)));
    const scopes = body.scopes.filter((scope) => allowsReading(grants, scope));
    const forbidden = body.scopes.filter((scope) => !allowsReading(grants, scope));
    return answer(200, { ...visible(await parts.source.read({ ...body, scopes }), grants), forbidden });
  },
});

const WRITTEN = new WeakMap<SourceAnswer, WrittenAnswer>();

/** Those who ask the same at the same time are answered with one object, which is written once. */
function pointersJson(read: SourceAnswer): WrittenAnswer {
  let written = WRITTEN.get(read);
  if (!written) WRITTEN.set(read, (written = writtenJson(JSON.stringify(read))));
  return written;
}

/** A default for every prompt may name a version of a prompt that is not the key's to see. */
function visible({ versions, ...answered }: SourceAnswer, grants: Grants): SourceAnswer {
  return {
    ...answered,
    versions: versions.filter(({ prompt }) => allowsReading(grants, { ...ANYWHERE(grants), prompt })),
  };
}

const ANYWHERE = (grants: Grants) => ({ label: grants.labels?.[0] ?? "", tenant: "" });

export const readVersion = defineServing({
  method: "GET",
  path: "/v1/resolver/version",
  summary: "One version, by prompt and number or by id",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  query: versionQuery,
  answers: { 200: storedVersion },
  async run({ query, caller, parts }) {
    const found = await parts.source.readVersion(query);
    if (found && allowsReading(caller.grants, { ...ANYWHERE(caller.grants), prompt: found.prompt }))
      return answer(200, found, { "cache-control": FOR_GOOD });
    throw "id" in query
      ? notFound("there is no such version that this key may see")
      : noSuchPrompt(query.prompt);
  },
});

/** A version never changes. */
export const FOR_GOOD = "private, max-age=31536000, immutable";

export const reportServing = defineServing({
  method: "POST",
  path: "/v1/resolver/serving",
  summary: "What a resolver serves, for the fleet",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  body: RAW_JSON,
  answers: { 200: known },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const report = isRestricted(caller.grants) ? granted(body, caller.grants) : body;
    try {
      return answer(200, { known: await parts.source.reportServing(report) });
    } catch (error) {
      if (error instanceof ReportRefused)
        throw new RequestRefused("refused_batch", "this is no report of a resolver");
      throw error;
    }
  },
});

export const exchangeCircuits = defineServing({
  method: "POST",
  path: "/v1/resolver/circuits",
  summary: "What invokers tell each other of endpoints that fail, and hear of others",
  about:
    "The answer has all that are held back, for how long, and which of `probes` the caller may try. A key of some labels, prompts or tenants alone cannot hold others back: it is refused.",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  body: circuitExchange,
  answers: { 200: circuitAnswer },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    if (isRestricted(caller.grants))
      throw new SluiceError(
        "forbidden",
        "a key of some labels, prompts or tenants alone cannot hold others back from an endpoint",
      );
    const told = await parts.source.exchangeCircuits(body);
    if (!told) throw notFound("the store keeps no circuits; migrate it");
    return answer(200, told);
  },
});

export const readSpentBudgets = defineServing({
  method: "GET",
  path: "/v1/resolver/spent-budgets",
  summary: "The budgets of today that are spent and stop calls",
  about:
    "Of what the key was granted. What a call costs is in the sum once its outcome is recorded, within a second.",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  answers: { 200: spentBudgets },
  async run({ caller: { grants }, parts }) {
    const spent = await parts.source.readSpentBudgets();
    if (!spent) throw notFound("the store knows of no budgets that stop calls; migrate it");
    const seen = spent.filter((one) => allowsReading(grants, one));
    return answer(200, { spent: grants.tenants ? seen.map(withoutOthers) : seen });
  },
});

/** What all tenants together have spent is not one tenant's to know: that they have spent it is. */
function withoutOthers(budget: SpentBudget): SpentBudget {
  return budget.tenant === "" ? { ...budget, spentUsd: budget.budgetUsd } : budget;
}

export const reportCallers = defineServing({
  method: "POST",
  path: "/v1/resolver/callers",
  summary: "What a service sends for its prompts: names, types and lengths of values, never a value",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  bodyLimit: 4 << 20,
  body: callerReport,
  answers: { 200: taken },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const { grants } = caller;
    const place = ANYWHERE(grants);
    const report: CallerReport = {
      service: body.service,
      ...(grants.tenants && { tenants: grants.tenants.join(",") }),
      sends: body.sends.filter(({ label, prompt }) => allowsReading(grants, { ...place, label, prompt })),
    };
    const isTaken = await parts.source.reportCallers(JSON.stringify(report));
    if (isTaken === undefined) throw notFound("the store keeps nothing of callers; migrate it");
    return answer(200, { taken: isTaken });
  },
});

/** A resolver with a restricted key says nothing of what it may not see. */
function granted(text: string, grants: Grants): string {
  const parsed = v.safeParse(servingReport, readJson(text));
  if (!parsed.success) throw new RequestRefused("refused_batch", "this is no report of a resolver");
  const { serves, dropped } = parsed.output;
  const seen = <T extends { label: string; prompt: string; tenant: string }>(scopes: readonly T[]) =>
    scopes.filter((scope) => allowsReading(grants, scope));
  return JSON.stringify({ ...parsed.output, serves: seen(serves), dropped: seen(dropped) });
}

export const stream = defineServingStream({
  method: "GET",
  path: "/v1/stream",
  summary: "Server-sent events: which pointers move",
  allow: { permission: "serve", places: "filtered" },
  limit: "serve",
  open({ caller, parts }, response) {
    parts.streams.add(response, {
      keyId: caller.key.id,
      sees: (scope) => allowsReading(caller.grants, scope),
      stillLet: caller.stillGood,
    });
  },
});
