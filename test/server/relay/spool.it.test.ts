import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSluice } from "../../cli/run-sluice.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { eventually } from "../../resolver/support/eventually.ts";
import { openRelay, type RelayBench } from "./support/relay-bench.ts";

let bench: RelayBench;
let key: string;
beforeAll(async () => {
  bench = await openRelay({ mostSpooledBytes: 20_000 });
  key = await bench.central.key();
});
afterAll(() => bench.close());

/** A process that ends when anything in it asks for a database driver. */
const WITHOUT_DRIVER = `import { registerHooks } from "node:module";
registerHooks({ resolve(name, context, next) {
  if (/^pg($|[/-])/.test(name)) { process.stderr.write("pg was asked for\\n"); process.exit(9); }
  return next(name, context);
} });`;
const NODE_OPTIONS = `${process.env["NODE_OPTIONS"] ?? ""} --import=data:text/javascript,${encodeURIComponent(WITHOUT_DRIVER)}`;

async function startProcess(data: string, relayKey: string) {
  const running = startSluice(["server", "--listen", "127.0.0.1:0", "--data", data], {
    env: { SLUICE_UPSTREAM: bench.network.url.replace("//", `//${relayKey}@`), NODE_OPTIONS },
  });
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(await running.said(/serving at \S+/))!;
  return { running, url };
}

async function addVersion(prompt: string): Promise<string> {
  const id = await bench.central.store.addVersion(prompt, artifact("one"));
  await bench.central.store.movePointer({ label: "production", prompt }, { active_version: id });
  return id;
}

const outcome = (version: string, id: string = randomUUID()) => ({
  id,
  version,
  rollout: null,
  unit: null,
  label: "production",
  model: "",
  tenant: "",
  metrics: { rating: 5 },
});
const stored = async (version: string) =>
  (
    await bench.central.db.selectFrom("outcomes").select("id").where("version_id", "=", version).execute()
  ).map(({ id }) => id);

describe("what is reported to a relay", () => {
  it("outlives the relay being killed, and is stored once, without a database driver ever being loaded", async () => {
    const version = await addVersion("kept");
    const data = await mkdtemp(join(tmpdir(), "sluice-relay-"));
    const relayKey = await bench.central.key();
    const ids = Array.from({ length: 5 }, () => randomUUID());
    const send = (url: string, path: string, body: unknown) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const first = await startProcess(data, relayKey);
    const question = { prompt: "kept", unit: "u" };
    // On a busy machine its server may not have answered it yet (503).
    const isServed = async () => (await send(first.url, "/v1/resolve", question)).status === 200;
    await eventually("it serves", isServed);
    bench.network.refuse();
    for (const id of ids) {
      const batch = { exposures: [], outcomes: [outcome(version, id)] };
      expect((await send(first.url, "/v1/outcomes", batch)).status).toBe(200);
    }
    const score = { id: randomUUID(), traceId: "t-1", name: "rating", value: 1 };
    expect((await send(first.url, "/api/public/scores", [score])).status).toBe(202);
    first.running.child.kill("SIGKILL");
    await first.running.ended;
    expect(await stored(version)).toEqual([]);

    const second = await startProcess(data, relayKey);
    // Who runs it twice by mistake is told.
    const twice = await startSluice(["server", "--listen", "127.0.0.1:0", "--data", data], {
      env: { SLUICE_UPSTREAM: bench.network.url.replace("//", `//${relayKey}@`), NODE_OPTIONS },
    }).ended;
    expect([twice.code, twice.stderr]).toEqual([4, expect.stringContaining("another relay uses")]);
    bench.network.accept();
    await eventually("all of it is stored", async () => (await stored(version)).length === ids.length);
    expect((await stored(version)).toSorted()).toEqual(ids.toSorted());
    const ofFirst = async () => (await readdir(join(data, "spool"))).includes("000000000001.spool");
    await eventually("the score is sent too", async () => !(await ofFirst()));
    second.running.child.kill("SIGTERM");
    expect((await second.running.ended).code).toBe(0);
    // All was sent, so nothing of it is left.
    expect(await readdir(join(data, "spool"))).toEqual([]);
    await rm(data, { recursive: true });
  });

  it("loses nothing beside the one record that the server can never take", async () => {
    const version = await addVersion("mixed");
    await bench.ask(key, "/v1/resolve", { prompt: "mixed" });
    bench.network.refuse();
    const good = Array.from({ length: 6 }, () => outcome(version));
    const batches = [
      [good[0], good[1], { ...outcome(version), id: "no uuid" }, good[2]],
      [good[3], good[4]],
      [good[5]],
    ];
    for (const outcomes of batches)
      expect((await bench.ask(key, "/v1/outcomes", { exposures: [], outcomes })).status).toBe(200);
    bench.network.accept();
    await eventually("the good ones are stored", async () => (await stored(version)).length === good.length);
    expect((await stored(version)).toSorted()).toEqual(good.map(({ id }) => id).toSorted());
    expect(bench.log.filter((line) => line.includes("report_refused"))).toHaveLength(1);
  });

  it("is refused when the disk's share is full, and taken again when there is room", async () => {
    const version = await addVersion("full");
    await bench.ask(key, "/v1/resolve", { prompt: "full" });
    bench.network.refuse();
    const sent: string[] = [];
    let status = 200;
    for (let i = 0; i < 200 && status === 200; i++) {
      const one = outcome(version);
      const answer = await bench.ask(key, "/v1/outcomes", { exposures: [], outcomes: [one] });
      ({ status } = answer);
      if (status === 200) sent.push(one.id);
      else expect(answer.headers.get("retry-after")).not.toBeNull();
    }
    expect(status).toBe(503);
    expect(sent.length).toBeGreaterThan(10);
    bench.network.accept();
    await eventually("what was taken is stored", async () => (await stored(version)).length === sent.length);
    await eventually("there is room again", async () => {
      const answer = await bench.ask(key, "/v1/outcomes", { exposures: [], outcomes: [outcome(version)] });
      return answer.status === 200;
    });
  });

  it("crosses as what the key may send, and not at all where nobody could read it", async () => {
    const [mine, others] = [await addVersion("team-a/reply"), await addVersion("team-b/reply")];
    const narrow = await bench.central.key({ grants: { prompts: ["team-a/"] } });
    const outcomes = [outcome(mine), outcome(others)];
    const answer = await (await bench.ask(narrow, "/v1/outcomes", { exposures: [], outcomes })).json();
    expect(answer).toMatchObject({ outcomes: 1, forbidden: 1 });
    expect(await stored(others)).toEqual([]);
    for (const path of ["/v1/resolve", "/v1/prompts/team-b%2Freply"])
      expect(
        (await bench.ask(narrow, path, path === "/v1/resolve" ? { prompt: "team-b/reply" } : undefined))
          .status,
      ).toBe(404);

    bench.network.refuse();
    const hostile = [
      "{",
      "[]",
      '{"exposures":[{"rollout":"x"}]}',
      '{"outcomes":[{"version":"../../x"}]}',
      `{"outcomes":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ];
    for (const body of hostile)
      expect([400, 422]).toContain((await bench.ask(key, "/v1/outcomes", body)).status);
    const junk = Buffer.alloc(64, 0xff);
    const traces = await fetch(`${bench.relay.url}/v1/otlp/v1/traces`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/x-protobuf" },
      body: junk,
    });
    expect(traces.status).toBe(400);
    const folder = join(bench.data, "spool");
    const kept = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
    );
    expect(kept.join("")).not.toMatch(/\.\.\/|\[\[|otlp/);
    bench.network.accept();
  });
});

describe("a key's grants beside another key", () => {
  it("hold a request to less, never to more", async () => {
    await addVersion("team-c/reply");
    const ask = (bearer: string, grants: object) =>
      fetch(`${bench.central.server.url}/v1/prompts/team-c%2Freply`, {
        headers: {
          authorization: `Bearer ${bearer}`,
          "sluice-grants": Buffer.from(JSON.stringify(grants)).toString("base64url"),
        },
      }).then(({ status }) => status);
    const narrow = await bench.central.key({ grants: { prompts: ["team-d/"] } });
    expect(await ask(key, {})).toBe(200);
    expect(await ask(key, { prompts: ["team-c/"] })).toBe(200);
    expect(await ask(key, { prompts: ["team-d/"] })).toBe(404);
    expect(await ask(narrow, { prompts: ["team-c/"] })).toBe(404);
    expect(await ask(key, { prompts: "team-c/" })).toBe(400);
  });
});
