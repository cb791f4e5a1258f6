import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Assessment, Cell } from "../../src/domain/rollout/verdict.ts";
import { assess, type AssessmentInput } from "../../src/statistics/decision/assessment.ts";
import { CANARY, tick } from "../statistics/canary-evidence.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

let bench: ServerBench;
let admin: string;
let prompt: string;
const get = (path: string, key = admin) => call(bench.server.url, `GET ${path}`, { key });

beforeAll(async () => {
  bench = await openServer({ limits: { write: 1_000, read: 1_000 } });
  admin = await bench.key({ role: "admin", owner: "bea" });
  prompt = `p-${randomUUID().slice(0, 8)}`;
  await bench.store.addVersion(prompt, artifact("one"));
  for (const tenant of ["acme", "globex"])
    for (const expectedRevision of [0, 1, 2])
      await call(bench.server.url, `PUT /v1/prompts/${prompt}/labels`, {
        key: admin,
        body: { label: "staging", tenant, version: 1, expectedRevision, force: true, reason: "by hand" },
      });
});
afterAll(() => bench.close());

describe("the audit log over HTTP", () => {
  it("comes newest first, page by page, each entry once, with who it was by proof", async () => {
    const seen: { seq: number; tenant: string; principal: { name: string } }[] = [];
    for (let cursor = ""; ;) {
      const { body } = await get(`/v1/audit?prompt=${prompt}&limit=4${cursor}`);
      seen.push(...body.items);
      if (body.next === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(seen.map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(new Set(seen.map(({ principal }) => principal.name))).toEqual(new Set(["bea"]));
  });

  it("is narrowed down by label, by who did what, and when, page by page", async () => {
    const seqs = async (query: string) => {
      const found: number[] = [];
      for (let cursor = ""; ;) {
        const { body } = await get(`/v1/audit?prompt=${prompt}&limit=2&${query}${cursor}`);
        found.push(...body.items.map(({ seq }: { seq: number }) => seq));
        if (body.next === null) return found;
        cursor = `&cursor=${encodeURIComponent(body.next)}`;
      }
    };
    const all = [6, 5, 4, 3, 2, 1];
    const [third] = (await get(`/v1/audit?prompt=${prompt}&limit=4`)).body.items.slice(3);
    const at = encodeURIComponent(new Date(Date.parse(third.at) + 1).toISOString());
    for (const [query, found] of Object.entries({
      "label=staging": all,
      "label=production": [],
      "actor=bea": all,
      [`actor=${third.actor}`]: all,
      "actor=cid": [],
      "action=pointer_set": all,
      "action=promoted": [],
      [`from=${at}`]: all.filter((seq) => seq > third.seq),
      [`to=${at}`]: all.filter((seq) => seq <= third.seq),
    }))
      expect(await seqs(query), query).toEqual(found);
    for (const wrong of ["action=Promoted", "from=yesterday", "label=%20"])
      expect((await get(`/v1/audit?${wrong}`)).status, wrong).toBe(400);
  });

  it("is zipped where it is long and whoever asks takes that, the same in both", async () => {
    const read = async (limit: number, encoding: string) => {
      const response = await fetch(`${bench.server.url}/v1/audit?limit=${limit}`, {
        headers: { authorization: `Bearer ${admin}`, "accept-encoding": encoding },
      });
      const { headers } = response;
      return {
        text: await response.text(),
        zipped: headers.get("content-encoding"),
        vary: headers.get("vary"),
      };
    };
    const plain = await read(4, "identity");
    expect(plain).toMatchObject({ zipped: null, vary: "accept-encoding" });
    expect(await read(4, "br, gzip")).toEqual({ ...plain, zipped: "gzip" });
    expect(await read(4, "gzip;q=0, br")).toEqual(plain);
    expect(await read(1, "gzip")).toMatchObject({ zipped: null, vary: null });
  });

  it("is sent once to whoever says what they have, as all that is read is", async () => {
    const ask = async (headers: Record<string, string>, method = "GET", at = "/v1/audit?limit=3") => {
      const authorization = `Bearer ${admin}`;
      const answer = await fetch(`${bench.server.url}${at}`, {
        method,
        headers: { authorization, ...headers },
      });
      const { status } = answer;
      return { status, etag: answer.headers.get("etag") ?? "", text: await answer.text() };
    };
    const { etag, text } = await ask({});
    expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
    for (const encoding of ["identity", "gzip"])
      for (const method of ["GET", "HEAD"])
        expect(await ask({ "if-none-match": etag, "accept-encoding": encoding }, method)).toEqual({
          status: 304,
          etag,
          text: "",
        });
    expect(await ask({ "if-none-match": 'W/"another"' })).toEqual({ status: 200, etag, text });
    expect((await ask({ "if-none-match": etag }, "GET", "/v1/audit?limit=2")).status).toBe(200);
    expect(await ask({ "if-none-match": "*" }, "GET", "/v1/audit?limit=none")).toMatchObject({
      status: 400,
      etag: "",
    });
  });

  it("tells a key for one tenant nothing of another, and pages all the same", async () => {
    const key = await bench.key({ role: "viewer", grants: { tenants: ["acme"] } });
    const first = (await get(`/v1/audit?prompt=${prompt}&limit=2`, key)).body;
    const second = (await get(`/v1/audit?prompt=${prompt}&limit=2&cursor=${first.next}`, key)).body;
    const tenants = [...first.items, ...second.items].map(({ tenant }: { tenant: string }) => tenant);
    expect(tenants).toEqual(["acme", "acme", "acme"]);
    expect(second.next).toBeNull();
  });

  it.each(["cursor=x", "cursor=1", "limit=0", "rollout=x", "who=bea"])("refuses %s", async (query) => {
    expect((await get(`/v1/audit?${query}`)).status).toBe(400);
  });
});

describe("what a key is told of itself", () => {
  it("is its role, its grants and what they let it do, and never its secret", async () => {
    const grants = { labels: ["staging"], force: true };
    const key = await bench.key({ role: "releaser", owner: "rea", name: "ci", grants });
    const { body } = await get("/v1/me", key);
    expect(body).toMatchObject({ name: "ci", role: "releaser", owner: "rea", grants });
    expect(body.permissions).toEqual(
      expect.arrayContaining(["read", "release", "release_protected", "force"]),
    );
    expect(body.permissions).not.toContain("administer");
    expect(JSON.stringify(body)).not.toContain(key.slice(17));
  });
});

describe("usage and fleet over HTTP", () => {
  it("are of one scope; what all tenants did is for a key for all of them", async () => {
    expect((await get(`/v1/usage?prompt=${prompt}&label=staging`)).body).toMatchObject({
      prompt,
      tenant: null,
      versions: [],
    });
    const acme = await bench.key({ role: "viewer", grants: { tenants: ["acme"] } });
    expect((await get(`/v1/usage?prompt=${prompt}&label=staging`, acme)).status).toBe(403);
    expect((await get(`/v1/usage?prompt=${prompt}&label=staging&tenant=acme`, acme)).status).toBe(200);
    expect((await get(`/v1/usage?prompt=${prompt}&since=yesterday`)).status).toBe(400);
    expect((await get(`/v1/fleet?prompt=${prompt}&label=staging&tenant=acme`)).body).toMatchObject({
      serves: `${prompt}@1`,
      revision: 3,
      live: 0,
      drift: false,
    });
    expect((await get(`/v1/fleet?prompt=${prompt}`)).status).toBe(404);
  });
});

describe("callers over HTTP", () => {
  it("are known by the key that they render with, and as a resolver's own key says whose they are", async () => {
    const serving = await bench.key({ role: "resolver", grants: { tenants: ["acme"] } });
    const sends = [{ label: "staging", prompt, calls: 2, values: [] }];
    const other = [{ label: "staging", prompt: "elsewhere", calls: 2, values: [] }];
    const report = { service: "web", sends: [...sends, ...other] };
    const told = await call(bench.server.url, "POST /v1/resolver/callers", { key: serving, body: report });
    expect(told.body).toEqual({ taken: true });
    expect((await get(`/v1/callers?prompt=${prompt}`)).body).toMatchObject({
      prompt,
      days: 7,
      callers: [{ service: "web", label: "staging", tenant: "acme", calls: 2, values: [] }],
    });
    const globex = await bench.key({ role: "viewer", grants: { tenants: ["globex"] } });
    expect((await get(`/v1/callers?prompt=${prompt}&days=1`, globex)).body.callers).toEqual([]);
    expect((await get(`/v1/callers?prompt=${prompt}&days=91`)).status).toBe(400);
    for (const body of [{ prompt }, { prompt, version: 1, file: {} }])
      expect((await call(bench.server.url, "POST /v1/impact", { key: globex, body })).status).toBe(400);
  });
});

describe("taking a version along over HTTP", () => {
  it("is for prompts that the key may change alone, within what may be spent, and needs a Temporal", async () => {
    const names = ["style", "reply", "other"].map((name) => `${name}-${randomUUID().slice(0, 8)}/x`);
    const [style, reply, other] = names as [string, string, string];
    const push = (name: string, messages: unknown) =>
      call(bench.server.url, `POST /v1/prompts/${encodeURIComponent(name)}/versions`, {
        key: admin,
        body: { file: { model: "openai/gpt-5-mini", messages } },
      });
    await push(style, [{ role: "system", content: "Be brief." }]);
    for (const name of [reply, other])
      await push(name, [{ include: `${style}@1` }, { role: "user", content: "Hi" }]);
    await push(style, [{ role: "system", content: "Be kind." }]);
    const ask = (key: string, more: Record<string, unknown> = {}) =>
      call(bench.server.url, "POST /v1/propagations", { key, body: { prompt: style, version: 2, ...more } });
    expect((await ask(admin)).status).toBe(503);
    expect((await ask(admin, { maxCostUsd: 1_000 })).body.detail).toContain(
      "10 US dollars may be spent at most",
    );
    const editor = await bench.key({ role: "editor", grants: { prompts: [style, reply] } });
    expect((await ask(editor)).status).toBe(503);
    expect((await ask(editor, { to: [other] })).body.detail).toContain(`${other} does not include ${style}`);
    expect((await ask(await bench.key({ role: "editor", grants: { prompts: [style] } }))).status).toBe(404);
    expect((await ask(await bench.key({ role: "editor", grants: { prompts: [reply] } }))).status).toBe(404);
    const viewer = await bench.key({ role: "viewer" });
    expect((await ask(viewer)).status).toBe(403);
    // Nothing is kept of what could not be started.
    const [{ n }] = (await bench.store.query(
      "select count(*)::integer as n from sluice.propagations",
      [],
    )) as [{ n: number }];
    expect(n).toBe(0);
  });
});

describe("the cases of an evaluation", () => {
  it("come with what both versions made of them, the worst first, page by page, by kind", async () => {
    const version = await bench.store.addVersion(`${prompt}-cases`, artifact("one"));
    const [{ id }] = (await bench.store.query(
      `with d as (insert into sluice.documents (sha256, kind, name, body) values (repeat('e', 64), 'dataset', 'd', '{}') returning sha256)
       insert into sluice.evaluations (candidate_version, baseline_version, dataset_sha256, gate_sha256, cost_usd)
       select $1, $1, sha256, 'g', 0 from d returning id`,
      [version],
    )) as [{ id: string }];
    // By case, what each repeat of the candidate's and of the baseline's came to: pass, fail, error.
    const outcomes = ["pp pp", "ff pp", "pf pp", "pp ff", "ep pp", "pp", "ff ff"];
    for (const [caseIndex, text] of outcomes.entries())
      for (const [arm, repeats] of text.split(" ").entries())
        for (const [repeat, grade] of [...repeats].entries()) {
          const result = {
            arm: arm === 0 ? "candidate" : "baseline",
            caseIndex,
            repeat,
            description: `case ${caseIndex}`,
            pass: grade === "p",
            error: grade === "e" ? "it never came" : null,
            output: "text",
          };
          await bench.store.query(
            "insert into sluice.evaluation_results (evaluation_id, arm, case_index, repeat, result) values ($1, $2, $3, $4, $5)",
            [id, result.arm, caseIndex, repeat, result],
          );
        }
    const cases = async (query: string) => {
      const found: number[] = [];
      for (let cursor = ""; ;) {
        const { body } = await get(`/v1/evaluations/${id}/cases?limit=2&${query}${cursor}`);
        expect(body.counts).toEqual({ worse: 2, failed: 3, better: 1, errors: 1, flaky: 1, all: 7 });
        found.push(...body.items.map(({ caseIndex }: { caseIndex: number }) => caseIndex));
        if (body.next === null) return found;
        cursor = `&cursor=${body.next}`;
      }
    };
    expect(await cases("")).toEqual([1, 2, 0, 4, 6, 3, 5]);
    for (const [show, found] of Object.entries({
      worse: [1, 2],
      failed: [1, 2, 6],
      better: [3],
      errors: [4],
      flaky: [2],
    }))
      expect(await cases(`show=${show}`), show).toEqual(found);
    const { items } = (await get(`/v1/evaluations/${id}/cases?show=worse`)).body;
    expect(items[1]).toMatchObject({
      loss: 0.5,
      description: "case 2",
      candidate: [{ pass: true }, { pass: false }],
      baseline: [{ pass: true }, { pass: true }],
    });
    for (const wrong of ["show=bad", "cursor=1"])
      expect((await get(`/v1/evaluations/${id}/cases?${wrong}`)).status).toBe(400);
  });
});

describe("usage by day", () => {
  it("says of each version what it did when, with quantiles, and of no day on which nothing was recorded", async () => {
    const own = `${prompt}-days`;
    const [one, two] = [
      await bench.store.addVersion(own, artifact("one")),
      await bench.store.addVersion(own, artifact("two")),
    ];
    await bench.store.query(
      `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2) values
         ($1, 'staging', '', 'acme', '2026-01-02T23:00Z', '', 3, 0, 0), ($1, 'staging', '', '', '2026-01-02T01:00Z', '', 1, 0, 0),
         ($1, 'staging', '', 'acme', '2026-01-02T23:00Z', 'rating', 3, 4, 0), ($1, 'staging', '', '', '2026-01-02T01:00Z', 'rating', 1, 2, 0),
         ($2, 'staging', '', '', '2026-01-04T01:00Z', '', 5, 0, 0), ($2, 'production', '', '', '2026-01-04T01:00Z', '', 9, 0, 0)`,
      [one, two],
    );
    await bench.store.query(
      `insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n) values
         ($1, 'staging', '', 'acme', '2026-01-02T23:00Z', 'rating', 32, 3), ($1, 'staging', '', '', '2026-01-02T01:00Z', 'rating', 16, 1)`,
      [one],
    );
    const at = `/v1/usage?prompt=${own}&label=staging&since=2026-01-01T00:00:00Z`;
    expect((await get(`${at}&by=day`)).body.series).toEqual([
      {
        version: 1,
        from: "2026-01-02T00:00:00.000Z",
        executions: 4,
        metrics: { rating: { n: 4, mean: 3.5, p50: 4, p95: 4 } },
      },
      { version: 2, from: "2026-01-04T00:00:00.000Z", executions: 5, metrics: {} },
    ]);
    expect((await get(`${at}&by=hour`)).body.series).toHaveLength(3);
    expect((await get(`${at}&by=hour&tenant=acme`)).body.series).toMatchObject([{ executions: 3 }]);
    expect((await get(at)).body).not.toHaveProperty("series");
    expect((await get(`${at}&by=week`)).status).toBe(400);
  });
});

describe("an overview", () => {
  it("says what is live, how it is used, and what is wanted, of what the key may know", async () => {
    const own = `${prompt}-seen`;
    expect((await get("/v1/overview")).body).toMatchObject({ isEmpty: false, running: [] });
    const nobody = await bench.key({ role: "viewer", grants: { prompts: ["none"] } });
    expect((await get("/v1/overview", nobody)).body).toMatchObject({ isEmpty: true, live: [], wanted: [] });
    const [one, two] = [
      await bench.store.addVersion(own, artifact("one")),
      await bench.store.addVersion(own, artifact("two")),
    ];
    await call(bench.server.url, `PUT /v1/prompts/${own}/labels`, {
      key: admin,
      body: { label: "staging", version: 1, expectedRevision: 0, force: true, reason: "by hand" },
    });
    await bench.store.query(
      `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
       select $1, 'staging', '', '', date_trunc('hour', now()) - days * interval '1 day', metric, n, mean, 0
       from unnest(array[0, 0, 0, 3], array['', 'rating', 'error', ''], array[40, 10, 40, 7], array[0, 4.5, 0.05, 0])
         u (days, metric, n, mean)`,
      [one],
    );
    const { live, moreLive } = (await get("/v1/overview?label=staging")).body;
    expect(moreLive).toBe(0);
    // The most used first; the two tenants of the other prompt are one line.
    expect(live).toMatchObject([
      {
        prompt: own,
        version: `${own}@1`,
        by: "bea",
        moreScopes: 0,
        day: { calls: 40, rating: 4.5, errors: 0.05 },
      },
      { prompt, tenant: "acme", moreScopes: 1, day: { calls: 0, rating: null, errors: null } },
    ]);
    expect(live[0].week.map(({ calls }: { calls: number }) => calls)).toEqual([0, 0, 0, 7, 0, 0, 40]);
    expect((await get("/v1/overview?label=production")).body.live).toEqual([]);

    const rollout = await bench.store.addRollout(own, two, one);
    await bench.store.query(
      "update sluice.rollouts set waiting_for = 'canary', phase = 'awaiting_approval' where id = $1",
      [rollout],
    );
    const wanted = async (key: string) =>
      (await get("/v1/overview", key)).body.wanted
        .filter((one: { rolloutId: string }) => one.rolloutId === rollout)
        .map(({ kind }: { kind: string }) => kind);
    expect(await wanted(await bench.key({ role: "releaser" }))).toEqual(["approval"]);
    // Nothing is wanted of who may not say yes.
    expect(await wanted(await bench.key({ role: "editor" }))).toEqual([]);
    await bench.store.movePointer(
      { label: "production", prompt: own, tenant: rollout },
      {
        active_version: one,
        candidate_version: two,
        mode: "canary",
        rollout_id: rollout,
        lease_until: new Date(0),
      },
    );
    expect(await wanted(admin)).toEqual(["unattended", "approval"]);
    const whole = (await get(`/v1/overview?prompt=${own}`)).body;
    expect(whole).toMatchObject({
      prompt: own,
      newest: { version: 2, status: "testing" },
      pointers: [
        { label: "production" },
        { label: "staging", active: `${own}@1`, by: "bea", protected: false },
      ],
      running: [{ rolloutId: rollout, waitingFor: "canary", lookedAt: null }],
      rollouts: [{ rolloutId: rollout }],
    });
    expect((await get(`/v1/overview?prompt=${own}x`)).status).toBe(404);
    expect((await get(`/v1/overview?prompt=${own}`, nobody)).status).toBe(404);
    await bench.store.query("delete from sluice.pointers where rollout_id = $1", [rollout]);
    await bench.store.query(
      "update sluice.rollouts set outcome = 'rejected', ended_at = now(), waiting_for = null where id = $1",
      [rollout],
    );
    expect((await get("/v1/overview")).body.ended).toMatchObject([
      { rolloutId: rollout, outcome: "rejected" },
    ]);
  });
});

describe("the curve of a rollout", () => {
  const LOOKS = 400;
  /** A rating that turns out better, look by look, in a last stage; each look is decided as a worker decides it. */
  const inputOf = (n: number): AssessmentInput => {
    const cell = (arm: "candidate" | "control", mean: number): Cell => ({
      epoch: 0,
      arm,
      metric: "rating",
      units: n,
      n,
      mean,
      m2: n - 1,
    });
    return tick({
      canary: { ...CANARY, goal: { ...CANARY.goal, metric: "rating" }, guardrails: [], fuses: [] },
      metrics: { rating: { kind: "mean", window_ms: 0 } },
      cells: [cell("candidate", 4.4), cell("control", 4)],
    });
  };
  const met = ({ evidence }: Assessment) =>
    evidence.some((line) => line.role === "goal" && line.verdict === "met");

  it("has the edges of so many looks, whatever there are, and crosses where they have decided", async () => {
    const version = await bench.store.addVersion(`${prompt}-curve`, artifact("one"));
    const rollout = await bench.store.addRollout(`${prompt}-curve`, version, version);
    // Every third number is none: what changes nothing is not kept.
    const looks = Array.from({ length: LOOKS }, (_, at) => at + 1).filter((at) => at % 3 !== 0);
    const decided = new Map(looks.map((at) => [at, assess(inputOf(10 * at))]));
    // A look a minute, but for an hour in which nobody looked.
    const momentOf = (number: number) => number * 60_000 + (number > 200 ? 3_600_000 : 0);
    for (const [at, assessment] of decided)
      await bench.store.query(
        `insert into sluice.assessments (rollout_id, tick, at, stage, epoch, verdict, reason, assessment, inputs, code_version)
         values ($1, $2, to_timestamp($8::float8 / 1000), 2, 1, $3, $4, $5, $6, $7)`,
        [
          rollout,
          at,
          assessment.verdict,
          assessment.reason,
          assessment,
          inputOf(10 * at),
          at === 1 ? "2" : "3",
          momentOf(at),
        ],
      );
    const at = `/v1/rollouts/${rollout}/curve`;
    const { body, headers } = await get(`${at}?points=20`);
    const { rating } = body.metrics;
    expect(body.tick.length).toBeGreaterThanOrEqual(20);
    expect(body.tick.length).toBeLessThan(30);
    expect([body.tick[0], body.tick.at(-1)]).toEqual([1, looks.at(-1)]);
    // By rules of before there were edges, there are none.
    expect([rating.bestCase[0], rating.harmLine[0], body.decidedBy]).toEqual([null, null, "3"]);
    for (const [index, number] of body.tick.entries()) {
      expect(body.units.new[index]).toBe(10 * number);
      if (index === 0 || rating.worstCase[index] === null) continue;
      const shown = rating.worstCase[index] > rating.claimLine[index];
      expect({ number, shown }).toEqual({ number, shown: met(decided.get(number)!) });
      expect(rating.bestCase[index]).toBeGreaterThan(rating.harmLine[index]);
    }
    // The very look from which on it was good enough, though the points are far apart.
    const first = looks.findLast((number) => !met(decided.get(number)!))!;
    const since = looks.find((number) => number > first)!;
    expect(since).toBeGreaterThan(1);
    expect(rating.since).toEqual({ met: new Date(momentOf(since)).toISOString(), harm: null });
    // By when the lease was over; that each look was late is no time without one.
    expect(body.marks).toMatchObject([
      { kind: "unattended", at: new Date(momentOf(200) + CANARY.lease_ms).toISOString() },
    ]);
    const verdicts = looks.filter(
      (number, index) =>
        index > 0 && decided.get(number)!.verdict !== decided.get(looks[index - 1]!)!.verdict,
    );
    expect(body.tick).toEqual(expect.arrayContaining(verdicts));
    // All that is kept of it has those looks, too, and the last one, unless it is asked for without.
    const record = (await get(`/v1/rollouts/${rollout}/record`)).body;
    const told = record.assessments.map((look: { readonly tick: number }) => look.tick);
    expect(told).toEqual([...new Set([1, ...verdicts, looks.at(-1)])]);
    expect([record.ticks, record.decision.tick]).toEqual([looks.length, looks.at(-1)]);
    const brief = (await get(`/v1/rollouts/${rollout}/record?looks=none`)).body;
    expect(brief).toEqual({ ...record, assessments: [], decision: null });
    expect((await get(`${at}?after=${looks.at(-3)}`)).body.tick).toEqual(looks.slice(-2));
    expect((await get(`${at}?after=${LOOKS}`)).body).toMatchObject({ tick: [], metrics: {} });
    const known = { "if-none-match": headers.get("etag")! };
    const again = await call(bench.server.url, `GET ${at}?points=20`, { key: admin, headers: known });
    expect(again.status).toBe(304);
    for (const wrong of ["points=0", "points=1001", "after=x"])
      expect((await get(`${at}?${wrong}`)).status).toBe(400);
  });
});

async function addLetter(rollout: string | null = null, payload: object = {}): Promise<string> {
  const [{ id }] = (await bench.store.query(
    `insert into sluice.dead_letters (operation_id, operation, prompt, rollout_id, payload, error)
     values ($1, 'notify', $2, $3, $4, '{"code": "unavailable", "message": "gone"}') returning id`,
    [randomUUID(), prompt, rollout, payload],
  )) as [{ id: string }];
  return id;
}

describe("a dead letter over HTTP", () => {
  it("is listed, shown and discarded once, by a releaser", async () => {
    const id = await addLetter(null, { to: "x" });
    expect((await get("/v1/dead-letters")).body.items).toMatchObject([{ id, status: "open" }]);
    expect((await get(`/v1/dead-letters/${id}`)).body).toMatchObject({ payload: { to: "x" } });
    const discard = (key: string) =>
      call(bench.server.url, `POST /v1/dead-letters/${id}/discard`, { key, body: { reason: "seen to" } });
    expect((await discard(await bench.key({ role: "editor" }))).status).toBe(403);
    const releaser = await bench.key({ role: "releaser", owner: "rea" });
    expect((await discard(releaser)).body).toMatchObject({ status: "discarded", resolvedBy: "rea" });
    expect((await discard(admin)).body).toMatchObject({ status: "discarded", resolvedBy: "rea" });
    expect((await get("/v1/dead-letters")).body.items).toEqual([]);
    expect((await get("/v1/dead-letters?all=true")).body.items).toHaveLength(1);
    expect((await get(`/v1/dead-letters/${randomUUID()}`)).status).toBe(404);
  });

  it("is redriven once, and reads nothing of the server's for it", async () => {
    const [one, two] = [
      await bench.store.addVersion(prompt, artifact("two")),
      await bench.store.addVersion(prompt, artifact("three")),
    ];
    const rollout = await bench.store.addRollout(prompt, two, one);
    const notify = (webhooks: object[]) =>
      bench.store.query("update sluice.rollouts set policy = $2 where id = $1", [
        rollout,
        { notify: webhooks },
      ]);
    const id = await addLetter(rollout);
    const redrive = (key = admin) => call(bench.server.url, `POST /v1/dead-letters/${id}/redrive`, { key });
    for (const webhook of ["env:DATABASE_URL", "file:/etc/hostname", "http://169.254.169.254/latest"]) {
      await notify([{ webhook }]);
      const refused = await redrive();
      expect([400, 403], webhook).toContain(refused.status);
    }
    await notify([{ webhook: "https://hooks.example/x", secret: "env:HOME" }]);
    expect((await redrive()).status).toBe(400);
    expect((await get(`/v1/dead-letters/${id}`)).body.status).toBe("open");
    await notify([]);
    const releaser = await bench.key({ role: "releaser", owner: "rea" });
    expect((await redrive(releaser)).body).toMatchObject({
      letter: { id, status: "redriven", resolvedBy: "rea" },
      rollout: null,
      already: false,
    });
    expect((await redrive()).body).toMatchObject({ letter: { resolvedBy: "rea" }, already: true });
    expect((await get(`/v1/audit?prompt=${prompt}&limit=1`)).body.items).toMatchObject([
      { action: "dead_letter_resolved", principal: { name: "rea" } },
    ]);
  });

  it("of what all tenants share is not one tenant's to close, though it may be read", async () => {
    const version = await bench.store.addVersion(prompt, artifact("four"));
    const rollout = await bench.store.addRollout(prompt, version, version);
    await bench.db.updateTable("rollouts").set({ tenant: "" }).where("id", "=", rollout).execute();
    const id = await addLetter(rollout);
    const key = await bench.key({ role: "releaser", grants: { tenants: ["acme"] } });
    expect((await get(`/v1/dead-letters/${id}`, key)).status).toBe(200);
    for (const verb of ["discard", "redrive"])
      expect(
        (
          await call(bench.server.url, `POST /v1/dead-letters/${id}/${verb}`, {
            key,
            ...(verb === "discard" && { body: { reason: "seen to" } }),
          })
        ).status,
        verb,
      ).toBe(403);
    expect((await get(`/v1/dead-letters/${id}`)).body.status).toBe("open");
  });
});
