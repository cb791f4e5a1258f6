import { randomBytes, randomUUID } from "node:crypto";
import { digestJson } from "../../src/digest.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdentitySettings } from "../../src/access/identity-settings.ts";
import { ROLES } from "../../src/domain/access/roles.ts";
import { readPermittedAddresses } from "../../src/outbound/permitted-addresses.ts";
import type { PlainRoute } from "../../src/server/route.ts";
import { ROUTES } from "../../src/server/route-table.ts";
import { publish } from "../../src/use-cases/publish-manifest.ts";
import { readKey } from "../../src/access/key-text.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { openKeySession } from "../../src/use-cases/open-key-session.ts";
import { trustWorkload } from "../../src/use-cases/trust-workload.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { call } from "./support/checked-call.ts";
import { COMES_TO, type MAY, mayTry, mayUse, NEEDS, REPORTS, STREAMS } from "./support/route-needs.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";
import { GITHUB_JOB, openTokenIssuer, PUBLIC_URL, type TokenIssuer } from "./support/token-issuer.ts";

const HEADS = {
  format: "sluice-audit-checkpoint-1",
  installation: "another",
  at: "2026-01-01T00:00:00.000Z",
  heads: [{ prompt: "team/greeting", seq: 1, hash: "0".repeat(64) }],
};
const CHECKPOINT = { ...HEADS, sha256: digestJson(HEADS) };
const linesOf = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { readonly label: string | null });
const letThrough = (route: string) => COMES_TO[route] ?? 200;

/** One request for each route, about the prompt `team/greeting` of the tenant `acme` under `production`. */
let REQUESTS: Readonly<Record<string, ExampleRequest>>;
interface ExampleRequest {
  readonly at: string;
  readonly body?: unknown;
  readonly freshBody?: () => Promise<unknown>;
  readonly headers?: () => Promise<Record<string, string>>;
  /** Makes what the request is about, and gives its address. */
  readonly fresh?: () => Promise<string>;
}
/** Of a key that is for it, and nothing else. */
const OF_PLACE = { labels: ["production"], prompts: ["team/greeting"], tenants: ["acme"] };
const RULE = { platform: "github", match: { repository_id: "1" }, role: "viewer", grants: OF_PLACE } as const;
const CASES = [{ vars: {}, assert: [{ type: "contains", value: "Good" }] }];
/** Of the one prompt, under the one label, for the one tenant. */
const MANIFEST = {
  repository: "git.example.org/acme/prompts",
  branch: "main",
  commit: "1".repeat(40),
  committedAt: "2026-05-01T12:00:00.000Z",
  owner: "both",
  environments: [
    {
      name: "production",
      label: "production",
      from: null,
      liveForMs: 0,
      scopes: [{ model: null, tenant: "acme" }],
    },
  ],
  prompts: [{ prompt: "team/greeting", path: "greeting.yaml", sha256: "0".repeat(64) }],
} as const;
const SCOPE = { label: "production", prompt: "team/greeting", model: "", tenant: "acme" };
const SENT = { label: "production", prompt: "team/greeting", calls: 1, values: [] };
/** Grants that do not cover it, each by one list. */
const ELSEWHERE = [{ labels: ["staging"] }, { prompts: ["other/"] }, { tenants: ["globex"] }] as const;

let bench: ServerBench;
let issuer: TokenIssuer;
let version: string;
let rollout: string;
const routes = (ROUTES as unknown as readonly PlainRoute[]).map((route) => `${route.method} ${route.path}`);

beforeAll(async () => {
  issuer = await openTokenIssuer();
  const settings: Record<string, string> = {
    SLUICE_PUBLIC_URL: PUBLIC_URL,
    SLUICE_WORKLOAD_ISSUERS: `github=${issuer.issuer}`,
  };
  const read = (name: string) => settings[name];
  bench = await openServer({
    limits: { heavy: 1_000 },
    invokeUsd: 1,
    identity: readIdentitySettings(read, read, readPermittedAddresses("127.0.0.1")),
  });
  const { repository_id } = GITHUB_JOB;
  await trustWorkload(bench.db, { ...RULE, name: "job", issuer: issuer.issuer, match: { repository_id } });
  await publish(bench.db, { manifest: MANIFEST, expectedRevision: 0, takeOver: false, assertedActor: null });
  const baseline = await bench.store.addVersion("team/greeting", artifact("Hello"));
  version = await bench.store.addVersion("team/greeting", artifact("Good day"));
  rollout = await bench.store.addRollout("team/greeting", version, baseline);
  await bench.store.movePointer(SCOPE, { active_version: version });
  const parting = await bench.store.addVersion("team/parting", artifact("Good day, and goodbye"));
  await bench.store.movePointer({ ...SCOPE, prompt: "team/parting" }, { active_version: parting });
  // Another one, of the tenant that the requests are about.
  const own = await bench.store.addRollout("team/greeting", version, baseline);
  await bench.db.updateTable("rollouts").set({ tenant: "acme", stage: 1 }).where("id", "=", own).execute();
  const evaluation = await addProven("team/advice");
  const author = await bench.key({ role: "admin" });
  const pushed = await call(bench.server.url, "POST /v1/prompts/team%2Fgreeting/versions", {
    key: author,
    body: { file: FILE },
  });
  // So that pushing it again is always the same: there is nothing new.
  if (pushed.status !== 201) throw new Error(JSON.stringify(pushed.body));
  await bench.store.query(`update sluice.rollouts set policy = '{"notify": []}' where id = $1`, [own]);
  const letter = await addLetter(own);
  const draft = await addDraft();
  const [watched] = (await bench.store.query(
    `with m as (insert into sluice.monitors (prompt, label, tenant, name) values ('team/greeting', 'production', 'acme', 'errors')
       returning id), a as (insert into sluice.alerts (monitor_id, version_id, kind, since, evidence)
         select id, $1, 'rate', now(), '{}' from m returning id)
     select m.id as monitor, a.id as alert from m, a`,
    [version],
  )) as [{ monitor: string; alert: string }];
  const [{ id: propagation }] = (await bench.store.query(
    `with p as (insert into sluice.propagations (id, version_id) values (gen_random_uuid(), $1) returning id)
     insert into sluice.propagation_steps (propagation_id, prompt, position, level, from_version)
       select id, 'team/greeting', 0, 1, $1 from p returning propagation_id as id`,
    [version],
  )) as [{ id: string }];
  const self = { id: randomUUID(), host: "h", pid: 1, sdkVersion: "0", label: "production" };
  const report = { ...self, whole: true, closed: false, serves: [{ ...SCOPE, revision: 1 }], dropped: [] };
  const question = { prompt: "team/greeting", tenant: "acme" };
  REQUESTS = {
    "GET /openapi.json": { at: "/openapi.json" },
    "GET /api/public/v2/prompts/:name": { at: "/api/public/v2/prompts/team%2Fgreeting?version=2" },
    "GET /api/public/v2/prompts": { at: "/api/public/v2/prompts?name=team%2Fgreeting" },
    "POST /api/public/v2/prompts": {
      at: "/api/public/v2/prompts",
      body: { name: "team/letter", prompt: "Dear {{name}}", config: { model: "gpt-5.4-mini" } },
    },
    "PATCH /api/public/v2/prompts/:name/versions/:version": {
      at: "/api/public/v2/prompts/team%2Fgreeting/versions/1",
      body: { newLabels: [] },
    },
    "DELETE /api/public/v2/prompts/:name": { at: "", fresh: addUnserved },
    "GET /api/public/projects": { at: "/api/public/projects" },
    "GET /api/public/health": { at: "/api/public/health" },
    "POST /api/public/ingestion": { at: "/api/public/ingestion", body: { batch: [] } },
    "POST /api/public/scores": { at: "/api/public/scores", body: { name: "rating", value: 1 } },
    "POST /api/public/otel/v1/traces": { at: "/api/public/otel/v1/traces", body: {} },
    "POST /v1/otlp/v1/traces": { at: "/v1/otlp/v1/traces", body: {} },
    "GET /healthz": { at: "/healthz" },
    "GET /readyz": { at: "/readyz" },
    "POST /v1/resolver/pointers": { at: "/v1/resolver/pointers", body: { scopes: [SCOPE], have: [] } },
    "GET /v1/resolver/version": { at: `/v1/resolver/version?id=${version}` },
    "POST /v1/resolver/serving": { at: "/v1/resolver/serving", body: report },
    "POST /v1/resolver/circuits": {
      at: "/v1/resolver/circuits",
      body: { opened: [], closed: [], probes: [] },
    },
    "GET /v1/resolver/spent-budgets": { at: "/v1/resolver/spent-budgets" },
    "POST /v1/resolver/callers": { at: "/v1/resolver/callers", body: { service: "web", sends: [SENT] } },
    "GET /v1/stream": { at: "/v1/stream" },
    "GET /v1/changes": { at: "/v1/changes" },
    "POST /v1/outcomes": { at: "/v1/outcomes", body: batch() },
    "GET /v1/bundle": { at: "/v1/bundle?prefix=team/greet" },
    "GET /v1/prompts/:name": { at: "/v1/prompts/team%2Fgreeting?tenant=acme" },
    "POST /v1/resolve": { at: "/v1/resolve", body: question },
    "POST /v1/invoke": { at: "/v1/invoke", body: question },
    "POST /v1/invoke/stream": { at: "/v1/invoke/stream", body: question },
    "POST /v1/render": { at: "/v1/render", body: { versionId: version } },
    "GET /v1/overview": { at: "/v1/overview?prompt=team/greeting" },
    "GET /v1/prompts": { at: "/v1/prompts?prefix=team/greet" },
    "POST /v1/prompts/:name/versions": { at: "/v1/prompts/team%2Fgreeting/versions", body: { file: FILE } },
    "POST /v1/check": { at: "/v1/check", body: { ...question, file: FILE } },
    "GET /v1/playground": { at: "/v1/playground?prompt=team/greeting" },
    "POST /v1/playground/runs": {
      at: "/v1/playground/runs",
      body: { prompt: "team/greeting", version: 1 },
    },
    "POST /v1/playground/tests": { at: "/v1/playground/tests", body: { ...question, file: FILE } },
    "GET /v1/drafts": { at: "/v1/drafts?prompt=team/greeting" },
    "POST /v1/drafts": { at: "/v1/drafts", body: { prompt: "team/greeting", file: FILE } },
    "GET /v1/drafts/:draft": { at: `/v1/drafts/${draft}` },
    "PATCH /v1/drafts/:draft": {
      at: `/v1/drafts/${draft}`,
      body: { values: {} },
      headers: async () => ({ "if-match": '"1"' }),
    },
    "DELETE /v1/drafts/:draft": { at: "", fresh: async () => `/v1/drafts/${await addDraft()}` },
    "GET /v1/drafts/:draft/revisions": { at: `/v1/drafts/${draft}/revisions` },
    "GET /v1/drafts/:draft/revisions/:revision": { at: `/v1/drafts/${draft}/revisions/1` },
    "PATCH /v1/prompts/:name": {
      at: "/v1/prompts/team%2Fgreeting",
      body: { archived: false, reason: "r" },
    },
    "GET /v1/uses": { at: "/v1/uses?prompt=team/greeting" },
    "GET /v1/prompts/:name/versions": { at: "/v1/prompts/team%2Fgreeting/versions" },
    "GET /v1/prompts/:name/versions/:version": { at: "/v1/prompts/team%2Fgreeting/versions/1" },
    "GET /v1/diff": { at: "/v1/diff?from=team/greeting@1&to=team/greeting@2" },
    "GET /v1/prompts/:name/labels": { at: "/v1/prompts/team%2Fgreeting/labels" },
    "PUT /v1/prompts/:name/labels": {
      at: "/v1/prompts/team%2Fadvice/labels",
      body: { label: "production", tenant: "acme", version: 1, reason: "by hand" },
      headers: async () => ({ "if-match": `"${await revisionOf("team/advice")}"` }),
    },
    "POST /v1/prompts/:name/labels": {
      at: "/v1/prompts/team%2Fadvice/labels",
      body: { label: "production", tenant: "acme", version: 1 },
    },
    "GET /v1/labels": { at: "/v1/labels" },
    "GET /v1/labels/:label": { at: "/v1/labels/production" },
    "PUT /v1/labels/:label": {
      at: "/v1/labels/production",
      body: { protected: true, reason: "customers are on it" },
    },
    "GET /v1/pointers": { at: "/v1/pointers?prompt=team/greeting" },
    "GET /v1/pointers/past": {
      at: `/v1/pointers/past?prompt=team/greeting&at=${new Date().toISOString()}`,
    },
    "POST /v1/rollbacks": {
      at: "/v1/rollbacks",
      body: { prompt: "team/parting", tenant: "acme", reason: "worse" },
    },
    "POST /v1/anchors": {
      at: "/v1/anchors",
      body: { prompt: "team/advice", tenant: "acme", version: 1, reason: "as good" },
    },
    "POST /v1/decision-rules": {
      at: "/v1/decision-rules",
      body: { rolloutId: own, to: "3", reason: "a known fault" },
    },
    "GET /v1/rollouts": { at: "/v1/rollouts" },
    "GET /v1/rollouts/:id": { at: `/v1/rollouts/${own}` },
    "GET /v1/rollouts/:id/curve": { at: `/v1/rollouts/${own}/curve` },
    "GET /v1/rollouts/:id/record": { at: `/v1/rollouts/${own}/record` },
    "POST /v1/rollouts/:id/recomputation": { at: `/v1/rollouts/${own}/recomputation` },
    "GET /v1/rollouts/:id/events": { at: `/v1/rollouts/${own}/events` },
    "GET /v1/rules": { at: "/v1/rules?prompt=team/greeting&tenant=acme" },
    "POST /v1/plan": { at: "/v1/plan", body: { ...question, version: 1, policy: POLICY } },
    "POST /v1/simulations": { at: "/v1/simulations", body: { ...question, policy: POLICY, runs: 2 } },
    "GET /v1/audit": { at: "/v1/audit?prompt=team/greeting" },
    "GET /v1/audit/lines": { at: "/v1/audit/lines?prompt=team/greeting" },
    "GET /v1/audit/chains": { at: "/v1/audit/chains?prompt=team/greeting" },
    "GET /v1/audit/checkpoint": { at: "/v1/audit/checkpoint" },
    "POST /v1/audit/checkpoint/verification": { at: "/v1/audit/checkpoint/verification", body: CHECKPOINT },
    "GET /v1/audit/verification": { at: "/v1/audit/verification?prompt=team/greeting" },
    "GET /v1/audit/verification/last": { at: "/v1/audit/verification/last" },
    "POST /v1/audit/verification": { at: "/v1/audit/verification" },
    "GET /v1/feedback": { at: "/v1/feedback?prompt=team/greeting" },
    "GET /v1/manifests": { at: "/v1/manifests" },
    "PUT /v1/manifests": {
      at: "/v1/manifests",
      freshBody: async () => ({
        ...MANIFEST,
        commit: randomBytes(20).toString("hex"),
        expectedRevision: await manifestRevision(),
      }),
    },
    "POST /v1/manifests/forgotten": {
      at: "/v1/manifests/forgotten",
      freshBody: async () => ({ repository: await addManifest(), reason: "it is not applied from any more" }),
    },
    "GET /v1/drift": { at: "/v1/drift" },
    "GET /v1/deliveries": { at: "/v1/deliveries?prompt=team/greeting" },
    "POST /v1/deliveries": {
      at: "/v1/deliveries",
      body: { prompt: "team/greeting", commit: MANIFEST.commit },
    },
    "GET /v1/monitors": { at: "/v1/monitors" },
    "PUT /v1/monitors": { at: "/v1/monitors", body: { ...question, monitors: { slow: "off" } } },
    "GET /v1/monitors/:id": { at: `/v1/monitors/${watched.monitor}` },
    "GET /v1/monitors/:id/replay": { at: `/v1/monitors/${watched.monitor}/replay?factor=3` },
    "POST /v1/monitors/:id/mute": { at: `/v1/monitors/${watched.monitor}/mute`, body: { forMs: 0 } },
    "GET /v1/alerts": { at: "/v1/alerts" },
    "POST /v1/alerts/:id/acknowledgement": { at: `/v1/alerts/${watched.alert}/acknowledgement`, body: {} },
    "GET /v1/usage": { at: "/v1/usage?prompt=team/greeting&tenant=acme" },
    "GET /v1/fleet": { at: "/v1/fleet?prompt=team/greeting&tenant=acme" },
    "GET /v1/callers": { at: "/v1/callers?prompt=team/greeting" },
    "GET /v1/breakers": { at: "/v1/breakers" },
    "POST /v1/breakers/reset": { at: "/v1/breakers/reset", body: {} },
    "POST /v1/propagations": {
      at: "/v1/propagations",
      body: { prompt: "team/greeting", version: 1, label: "production" },
    },
    "GET /v1/propagations/:id": { at: `/v1/propagations/${propagation}` },
    "POST /v1/impact": { at: "/v1/impact", body: { prompt: "team/greeting", version: 1 } },
    "GET /v1/dead-letters": { at: "/v1/dead-letters?all=true" },
    "GET /v1/dead-letters/:id": { at: `/v1/dead-letters/${letter}` },
    "POST /v1/dead-letters/:id/discard": {
      at: `/v1/dead-letters/${letter}/discard`,
      body: { reason: "seen to" },
    },
    "POST /v1/dead-letters/:id/redrive": {
      at: "",
      fresh: async () => `/v1/dead-letters/${await addLetter(own)}/redrive`,
    },
    "GET /v1/intake": { at: "/v1/intake" },
    "GET /v1/keys": { at: "/v1/keys?all=true" },
    "POST /v1/keys": { at: "/v1/keys", body: { name: "made", role: "viewer", grants: OF_PLACE } },
    "POST /v1/keys/:id/rotation": {
      at: "",
      body: {},
      fresh: async () => `/v1/keys/${(await bench.key({ grants: OF_PLACE })).slice(4, 16)}/rotation`,
    },
    "DELETE /v1/keys/:id": {
      at: "",
      fresh: async () => `/v1/keys/${(await bench.key({ grants: OF_PLACE })).slice(4, 16)}`,
    },
    "POST /v1/evaluations": {
      at: "/v1/evaluations",
      body: { ...question, version: 1, dataset: CASES, maxCostUsd: 1 },
    },
    "GET /v1/evaluations": { at: "/v1/evaluations?prompt=team/advice" },
    "GET /v1/evaluations/:id": { at: `/v1/evaluations/${evaluation}` },
    "GET /v1/evaluations/:id/cases": { at: `/v1/evaluations/${evaluation}/cases` },
    "GET /v1/evaluations/:id/results": { at: `/v1/evaluations/${evaluation}/results` },
    "POST /v1/evaluations/:id/stop": {
      at: `/v1/evaluations/${evaluation}/stop`,
      body: { reason: "it takes too long" },
    },
    "GET /v1/evaluations/:id/report.xml": { at: `/v1/evaluations/${evaluation}/report.xml` },
    "GET /v1/sessions": { at: "/v1/sessions" },
    "DELETE /v1/sessions": {
      at: "",
      async fresh() {
        const cookie = await openKeySession(
          actingAs(bench.db, readKey(await bench.key({ grants: OF_PLACE }))!),
        );
        return `/v1/sessions?id=${cookie.slice(4, 16)}`;
      },
    },
    "GET /v1/trust-rules": { at: "/v1/trust-rules" },
    "POST /v1/trust-rules": {
      at: "/v1/trust-rules",
      freshBody: async () => ({ ...RULE, name: `rule-${randomUUID().slice(0, 8)}` }),
    },
    "DELETE /v1/trust-rules/:rule": {
      at: "",
      fresh: async () =>
        `/v1/trust-rules/${(await trustWorkload(bench.db, { ...RULE, name: `rule-${randomUUID().slice(0, 8)}` })).name}`,
    },
    "POST /v1/tokens/workload": {
      at: "/v1/tokens/workload",
      freshBody: async () => ({ token: await issuer.sign() }),
    },
    "POST /v1/session": {
      at: "/v1/session",
      freshBody: async () => ({ key: await bench.key({ role: "viewer" }) }),
    },
    "DELETE /v1/session": { at: "/v1/session" },
    "GET /auth/login": { at: "/auth/login" },
    "GET /auth/callback": { at: "/auth/callback" },
    "GET /v1/me": { at: "/v1/me" },
    "GET /v1/about": { at: "/v1/about" },
    "GET /v1/examination": { at: "/v1/examination" },
    "POST /v1/rollouts": { at: "/v1/rollouts", body: { ...question, version: 2 } },
    ...Object.fromEntries(
      ["pause", "resume", "promote", "approve", "reject"].map((control) => [
        `POST /v1/rollouts/:id/${control}`,
        { at: `/v1/rollouts/${own}/${control}`, body: {} },
      ]),
    ),
    "POST /v1/rollouts/:id/abort": { at: "", body: {}, fresh: addOpenRollout },
  };
});
afterAll(() => Promise.all([bench.close(), issuer.close()]));

/** What a service of the tenant would send. */
function batch() {
  const outcome = { id: randomUUID(), version, rollout: null, unit: null, metrics: { rating: 5 } };
  return { exposures: [], outcomes: [{ ...outcome, label: "production", model: "", tenant: "acme" }] };
}

const FILE = {
  model: "openai/gpt-5.4-mini",
  messages: [{ role: "user", content: "Good day" }],
};

const POLICY = {
  metrics: { rating: { window: "1m" } },
  canary: {
    max_units: 200,
    max_duration: "1d",
    goal: { metric: "rating", direction: "higher", claim: "superior" },
  },
};

async function revisionOf(prompt: string): Promise<number> {
  const [row] = await bench.store.query("select revision from sluice.pointers where prompt = $1", [prompt]);
  return Number(row.revision);
}

async function manifestRevision(): Promise<number> {
  const [row] = await bench.store.query("select revision from sluice.manifests where repository = $1", [
    MANIFEST.repository,
  ]);
  return Number(row.revision);
}

async function addManifest(): Promise<string> {
  const name = randomUUID().slice(0, 8);
  const manifest = {
    ...MANIFEST,
    repository: `git.example.org/${name}`,
    prompts: [{ ...MANIFEST.prompts[0], prompt: `team/${name}` }],
  };
  await publish(bench.db, { manifest, expectedRevision: 0, takeOver: false, assertedActor: null });
  return manifest.repository;
}

async function addUnserved(): Promise<string> {
  const prompt = `team/${randomUUID().slice(0, 8)}`;
  await bench.store.addVersion(prompt, artifact("Good day"));
  return `/api/public/v2/prompts/${encodeURIComponent(prompt)}`;
}

/** The rollout that the requests are about. */
const ownRollout = () => REQUESTS["GET /v1/rollouts/:id"]!.at;

/** What could not be told of a rollout's end, and that it was of the tenant. */
async function addLetter(of: string): Promise<string> {
  const [{ id }] = (await bench.store.query(
    `insert into sluice.dead_letters (operation_id, operation, prompt, rollout_id, payload, error)
     values ($1, 'notify', 'team/greeting', $2, '{"text": "Good day"}', '{"code": "unavailable", "message": "gone"}')
     returning id`,
    [randomUUID(), of],
  )) as [{ id: string }];
  return id;
}

/** A rollout that ending it ends for good. */
async function addOpenRollout(): Promise<string> {
  const prompt = `team/${randomUUID().slice(0, 8)}`;
  const baseline = await bench.store.addVersion(prompt, artifact("Good day"));
  const candidate = await bench.store.addVersion(prompt, artifact("Good day again"));
  const id = await bench.store.addRollout(prompt, candidate, baseline);
  await bench.db.updateTable("rollouts").set({ tenant: "acme" }).where("id", "=", id).execute();
  await bench.store.movePointer({ ...SCOPE, prompt }, { active_version: baseline, rollout_id: id });
  return `/v1/rollouts/${id}/abort`;
}

/** A draft of the owner whom all the keys of this test have. */
async function addDraft(): Promise<string> {
  const key = await bench.key({ role: "admin" });
  const body = { prompt: "team/greeting", file: FILE };
  return (await call(bench.server.url, "POST /v1/drafts", { key, body })).body.draftId;
}

/** A prompt with one version, which its label serves and which has passed a gate against itself. */
async function addProven(prompt: string): Promise<string> {
  const id = await bench.store.addVersion(prompt, artifact("Good day, and good advice"));
  await bench.store.movePointer({ ...SCOPE, prompt }, { active_version: id });
  const rolloutId = await bench.store.addRollout(prompt, id, id);
  await bench.db.updateTable("rollouts").set({ tenant: "acme" }).where("id", "=", rolloutId).execute();
  const dataset = "d".repeat(64);
  await bench.store.query(
    "insert into sluice.documents (sha256, kind, name, body) values ($1, 'dataset', 'd', '{}')",
    [dataset],
  );
  const proof = await bench.db
    .insertInto("evaluations")
    .values({
      rollout_id: rolloutId,
      candidate_version: id,
      baseline_version: id,
      dataset_sha256: dataset,
      gate_sha256: "g",
      gate: null,
      verdict: "pass",
      reason: null,
      report: null,
      cost_usd: 0,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return proof.id;
}

async function ask(route: string, key: string | undefined) {
  const { at: known, headers, fresh, freshBody } = REQUESTS[route]!;
  const body = freshBody ? await freshBody() : REQUESTS[route]!.body;
  const at = (await fresh?.()) ?? known;
  const method = route.split(" ")[0]!;
  if (STREAMS.has(route)) {
    const stop = new AbortController();
    const { status } = await fetch(`${bench.server.url}${at}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: stop.signal,
    });
    stop.abort();
    return { status, body: {} };
  }
  return call(bench.server.url, `${method} ${at}`, {
    ...(key !== undefined && { key }),
    body,
    headers: (await headers?.()) ?? {},
  });
}

describe("every route of the table", () => {
  it("is in this test, with who may use it", () => {
    expect(Object.keys(NEEDS).toSorted()).toEqual(routes.toSorted());
    expect(Object.keys(REQUESTS).toSorted()).toEqual(routes.toSorted());
  });

  it.each(routes)("%s refuses whoever shows no key", async (route) => {
    expect((await ask(route, undefined)).status).toBe(NEEDS[route] === "nothing" ? letThrough(route) : 401);
  });

  it.each(ROLES.flatMap((role) => routes.map((route) => [role, route] as const)))(
    "a key of the role %s: %s",
    async (role, route) => {
      const needs = NEEDS[route]!;
      const may = needs === "nothing" || mayUse(needs, role);
      expect((await ask(route, await bench.key({ role }))).status).toBe(may ? letThrough(route) : 403);
    },
  );

  it.each(
    ROLES.flatMap((role) =>
      ELSEWHERE.flatMap((grants) =>
        // Whom their role refuses is refused whatever they were granted: looked at once, where it can tell what there is.
        routes
          .filter((route) => "prompts" in grants || mayTry(NEEDS[route]!, role))
          .map((route) => [role, grants, route] as const),
      ),
    ),
  )(
    "a key of the role %s that is for %j alone learns and does nothing elsewhere: %s",
    async (role, grants, route) => {
      const needs = NEEDS[route]!;
      const key = await bench.key({ role, grants });
      const { status, body } = await ask(route, key);
      // What streams say is filtered, as they say it.
      if (needs === "nothing" || ["GET /v1/stream", "GET /v1/changes"].includes(route)) return;
      if (!mayUse(needs, role)) {
        // An editor may move what is not protected, and is not told of what else there is.
        const isUnseen =
          needs === "release_protected" &&
          !/dead-letters|breakers/.test(route) &&
          role === "editor" &&
          "prompts" in grants;
        expect(status).toBe(isUnseen ? 404 : 403);
        return;
      }
      const said = JSON.stringify(body);
      if (route === "POST /v1/resolver/pointers")
        expect(body).toEqual({ pointers: [], versions: [], forbidden: [SCOPE] });
      else if (route === "POST /v1/outcomes") expect(body).toMatchObject({ outcomes: 0, forbidden: 1 });
      else if (["POST /v1/resolver/serving", "POST /v1/resolver/callers"].includes(route))
        expect(status).toBe(200);
      // Endpoints are everybody's.
      else if (/ \/v1\/breakers/.test(route)) expect(status).toBe(403);
      // It would hold others back as well.
      else if (route === "POST /v1/resolver/circuits") expect(status).toBe(403);
      else if (route === "GET /v1/resolver/spent-budgets") expect(body).toEqual({ spent: [] });
      else if (
        /^GET \/v1\/(?:pointers|pointers\/past|rollouts|manifests|deliveries|drift|monitors|alerts)$/.test(
          route,
        )
      )
        expect(body.items).toEqual([]);
      else if (route === "GET /v1/labels")
        expect(body.items).toMatchObject(
          "labels" in grants ? [] : [{ label: "production", protected: true }],
        );
      else if (route === "GET /v1/labels/:label") expect(status).toBe("labels" in grants ? 403 : 200);
      // Of all prompts and tenants at once.
      else if (route === "PUT /v1/labels/:label") expect(status).toBe(403);
      else if (route === "DELETE /v1/session") expect(body).toEqual({ ended: false });
      else if (route === "GET /v1/me") expect(body.grants).toEqual(grants);
      else if (route === "GET /v1/about")
        expect(body).toMatchObject({ canaries: { open: 0, unattended: 0 }, services: 0 });
      else if (route === "GET /v1/examination") expect(status).toBe(403);
      else if (route === "GET /v1/dead-letters") expect(body.items).toEqual([]);
      else if (/ \/v1\/(?:monitors|alerts)\/:id/.test(route)) expect(status).toBe(404);
      else if (route.includes(" /v1/evaluations/:id")) expect(status).toBe(404);
      else if (route === "GET /v1/evaluations") expect(body.items).toEqual([]);
      // Nobody grants more than they have, or ends what is not theirs.
      else if (route === "POST /v1/keys" || route === "POST /v1/trust-rules") expect(status).toBe(403);
      else if (/\/v1\/(keys|trust-rules)\/:|DELETE \/v1\/sessions/.test(route)) expect(status).toBe(404);
      else if (/^GET \/v1\/(keys|trust-rules|sessions)$/.test(route))
        for (const item of body.items) expect(item.grants).toMatchObject(grants);
      // Of keys that can do no more than this one.
      else if (route === "GET /v1/intake") {
        const { items } = (await ask("GET /v1/keys", key)).body;
        const known = items.map(({ id }: { id: string }) => id);
        for (const { id } of body.items) expect(known).toContain(id);
      }
      // Of what is granted, which is nothing where that is another prompt.
      else if (route === "GET /v1/bundle") {
        expect(body.body).toEqual({ pointers: [], versions: [] });
      } else if (/dead-letters/.test(route)) expect(status).toBe(404);
      // Nothing that it may see includes it.
      else if (route === "POST /v1/propagations") expect(status).toBe("labels" in grants ? 403 : 404);
      // A version that was pushed is of no label; what was done under one is.
      else if (route === "GET /v1/audit/checkpoint")
        expect(body.heads.length > 0).toBe(!("prompts" in grants));
      else if (route === "POST /v1/audit/checkpoint/verification")
        expect(body.prompts).toBe("prompts" in grants ? 0 : 1);
      else if (["GET /v1/audit", "GET /v1/audit/chains"].includes(route))
        expect(body.items.filter(({ label }: { label: string | null }) => label !== null)).toEqual([]);
      else if (route === "GET /v1/audit/lines")
        expect(linesOf(body).filter(({ label }) => label !== null)).toEqual([]);
      // Computed for this key alone, after the answer.
      else if (/audit\/verification/.test(route) && !route.endsWith("GET /v1/audit/verification"))
        expect("prompts" in grants ? (body.found?.prompts ?? 0) : (body.found?.astray.length ?? 0)).toBe(0);
      else if (route === "GET /api/public/projects") expect(status).toBe(200);
      // What a client reports is always answered with success, and left out where it is not granted.
      else if (REPORTS.has(route)) expect(status).toBe(letThrough(route));
      else if (route === "GET /api/public/v2/prompts")
        expect(body.data).toMatchObject("prompts" in grants ? [] : [{ labels: ["latest"] }]);
      // A prompt belongs to no label and no tenant either, but what is live does.
      else if (route === "GET /v1/prompts")
        expect(body.items).toMatchObject("prompts" in grants ? [] : [{ prompt: "team/greeting", live: [] }]);
      else if (route === "GET /v1/prompts/:name/labels" && !("prompts" in grants))
        expect(body.items).toEqual([]);
      // A prompt is that of all its labels and tenants.
      else if (["DELETE /api/public/v2/prompts/:name", "PATCH /v1/prompts/:name"].includes(route))
        expect(status).toBe("prompts" in grants ? 404 : 403);
      else if (route === "POST /api/public/v2/prompts" && !("prompts" in grants)) expect(status).toBe(201);
      // Nobody knows whose words they are that were said in no rollout.
      else if (route === "GET /v1/feedback" && !("prompts" in grants)) expect(body.items).toEqual([]);
      // The log is of a prompt as a whole.
      else if (route === "GET /v1/audit/verification" && !("prompts" in grants))
        expect(body).toMatchObject({ prompts: 1, astray: [] });
      else if (route === "GET /v1/diff" && !("prompts" in grants)) expect(status).toBe(200);
      else if (route === "GET /v1/overview" && !("prompts" in grants))
        expect(body).toMatchObject({
          prompt: "team/greeting",
          live: [],
          pointers: [],
          rollouts: [],
          running: [],
        });
      else if (route === "GET /v1/drafts") expect(body.items.length > 0).toBe(!("prompts" in grants));
      else if (route === "POST /v1/drafts" && !("prompts" in grants)) expect(status).toBe(201);
      // A version belongs to no label and no tenant, and a draft neither: who may see its prompt may see it.
      else if (
        /drafts|playground(?!\/tests)|version|uses|callers|impact|propagations|render|public\/v2\/prompts\/:name/.test(
          route,
        ) &&
        !("prompts" in grants)
      )
        expect(status).toBe(letThrough(route));
      else {
        expect(status).toBe("prompts" in grants ? 404 : 403);
        expect(said).not.toContain("Good day");
      }
    },
  );

  /** About all labels and tenants at once. */
  const WHOLE = [
    "PUT /v1/labels/:label",
    "DELETE /api/public/v2/prompts/:name",
    "PATCH /v1/prompts/:name",
    "GET /v1/examination",
    "POST /v1/resolver/circuits",
    "GET /v1/breakers",
    "POST /v1/breakers/reset",
  ];
  it.each(routes.filter((route) => NEEDS[route] !== "nothing" && !WHOLE.includes(route)))(
    "%s answers a key that covers the place as one that covers everything",
    async (route) => {
      const grants = { labels: ["production"], prompts: ["team/"], tenants: ["acme"] };
      expect((await ask(route, await bench.key({ role: "admin", grants }))).status).toBe(letThrough(route));
    },
  );

  it("answers nothing at an address, or to a method, that is none", async () => {
    const key = await bench.key({ role: "admin" });
    for (const request of ["GET /v1", "POST /v1/stream", "DELETE /v1/resolve", "GET /v1/resolver/pointers"])
      expect((await call(bench.server.url, request, { key })).status, request).toBe(404);
  });
});

describe("what may be done, as an answer says it (can)", () => {
  const ACTS = ["pause", "promote", "abort"] as const;
  it.each(ROLES.filter((role) => mayUse("read", role)))(
    "is to a key of the role %s what the routes would say",
    async (role) => {
      for (const grants of [{}, ...ELSEWHERE, OF_PLACE]) {
        const key = await bench.key({ role, grants });
        const { status, body } = await call(bench.server.url, `GET ${ownRollout()}`, { key });
        if (status !== 200) continue;
        // What is ended is another prompt's, which a key for this one alone does not see.
        for (const act of ACTS.filter((one) => one !== "abort" || grants !== OF_PLACE))
          expect(body.can[act].allowed, `${act} ${JSON.stringify(grants)}`).toBe(
            letThrough(`POST /v1/rollouts/:id/${act}`) ===
              (await ask(`POST /v1/rollouts/:id/${act}`, key)).status,
          );
        expect(body.can.startAgain).toEqual({ allowed: false, because: "state", why: "it has not ended" });
      }
      const key = await bench.key({ role });
      const { body } = await call(bench.server.url, "GET /v1/overview?prompt=team/greeting", { key });
      const may = (needs: keyof typeof MAY) => ({ allowed: mayUse(needs, role) });
      expect(body.can).toMatchObject({
        edit: may("author"),
        archive: may("release"),
        ask: may("release"),
        start: may("release_protected"),
      });
      if (role === "editor")
        expect(body.can.start.why).toBe("this takes a releaser or an admin; you are here as editor");
      expect(body.pointers).toMatchObject([
        { protected: true, can: { move: may("release_protected"), rollBack: { because: "state" } } },
      ]);
    },
  );
});

describe("a prompt that a key may not see", () => {
  it("is answered as one that is not there, word for word", async () => {
    const key = await bench.key({ grants: { prompts: ["other/"] } });
    const told = async (prompt: string) => {
      const { status, body } = await call(bench.server.url, "POST /v1/resolve", { key, body: { prompt } });
      return { status, text: JSON.stringify({ ...body, requestId: "" }).replaceAll(prompt, "X") };
    };
    expect(await told("team/greeting")).toEqual(await told("other/nothing"));
  });
});

describe("outcomes and exposures of somebody else's", () => {
  const send = (key: string, body: unknown) => call(bench.server.url, "POST /v1/outcomes", { key, body });
  const exposure = () => ({
    rollout,
    unit: randomUUID().replaceAll("-", "").repeat(2),
    arm: "candidate",
    epoch: 1,
  });

  it("are refused one by one, and counted, while what is granted is stored", async () => {
    const key = await bench.key({ grants: { prompts: ["team/"], tenants: ["acme"] } });
    const { outcomes } = batch();
    const foreign = await bench.store.addVersion("other/thing", artifact("Other"));
    const mixed = {
      exposures: [exposure(), { ...exposure(), rollout: randomUUID() }],
      outcomes: [
        outcomes[0],
        { ...outcomes[0], id: randomUUID(), version: foreign },
        { ...outcomes[0], id: randomUUID(), tenant: "globex" },
        { ...outcomes[0], id: randomUUID(), tenant: "" },
        { ...outcomes[0], id: randomUUID(), rollout: randomUUID() },
      ],
    };
    // The rollout's own scope is of another tenant here.
    expect((await send(key, mixed)).body).toMatchObject({ outcomes: 1, exposures: 0, forbidden: 6 });
  });

  it("are refused where the rollout is under another label", async () => {
    const key = await bench.key({ grants: { labels: ["staging"] } });
    expect((await send(key, { exposures: [exposure()], outcomes: [] })).body).toMatchObject({ forbidden: 1 });
    const free = await bench.key({ grants: { labels: ["production"] } });
    expect((await send(free, { exposures: [exposure()], outcomes: [] })).body).toMatchObject({
      exposures: 1,
      forbidden: 0,
    });
  });
});
