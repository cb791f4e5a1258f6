import { symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../../../src/storage/database.ts";
import type { RolloutStatus } from "../../../src/domain/rollout/rollout.ts";
import { createCommandBench, GOLDEN, ownNamespace, promptFile, type CommandBench } from "../command-bench.ts";
import { runSluice, startSluice, type Ran, type Running } from "../run-sluice.ts";

// A secret stands in every place where one can stand. Everything that is printed, logged, stored, sent or kept
// in a history while commands run is searched for each. One stack for all.

const PLANTED = {
  databasePassword: "PLANTEDdatabase",
  modelKey: "PLANTEDmodelkey",
  otherVariable: "PLANTEDvariable",
  webhookPath: "PLANTEDwebhook",
  hookSecret: "PLANTEDhmac",
  fileOutside: "PLANTEDoutside",
  environmentFile: "PLANTEDdotenv",
  policyAddress: "PLANTEDaddress",
  baseAddress: "PLANTEDbase",
  temporalAddress: "PLANTEDtemporal",
};
/** What may be nowhere; the receiver itself knows its own path. */
const ALL = Object.values(PLANTED);

let bench: CommandBench;
let db: Database;
let worker: Running;
let receiver: Server;
let connection: Connection;
const received: { url: string; headers: string; body: string }[] = [];
const printed: string[] = [];
let env: Record<string, string>;
let login: string;
let heard: () => void;

async function run(args: readonly string[], more: Record<string, string> = {}): Promise<Ran> {
  const ran = await runSluice(args, { cwd: bench.folder, env: { ...env, ...more } });
  printed.push(`$ sluice ${args.join(" ")}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

async function until<T>(args: readonly string[], wanted: (answer: T) => boolean): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { stdout, code } = await run([...args, "--json"]);
    if (code === 0 && wanted(JSON.parse(stdout) as T)) return;
    await delay(100);
  }
  throw new Error(`never as wanted: ${args.join(" ")}\n${printed.at(-1)}`);
}

function found(text: string, where: string): string[] {
  return ALL.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${where}`);
}

beforeAll(async () => {
  // Its worker has to be one that knows the secrets, so it is started here.
  bench = await createCommandBench();
  db = openDatabase(bench.env["DATABASE_URL"]!);
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      received.push({ url: request.url!, headers: JSON.stringify(request.headers), body });
      response.writeHead(204).end();
      heard();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  // A login with a password of its own, which every address carries.
  login = `planted_${Math.random().toString(36).slice(2, 10)}`;
  await sql.raw(`create role ${login} login superuser password '${PLANTED.databasePassword}'`).execute(db);
  const url = new URL(bench.env["DATABASE_URL"]!);
  url.username = login;
  url.password = PLANTED.databasePassword;
  env = {
    ...bench.env,
    ...(await ownNamespace()),
    DATABASE_URL: url.href,
    OPENAI_API_KEY: PLANTED.modelKey,
    OTHER_SECRET: PLANTED.otherVariable,
    HOOK: `http://127.0.0.1:${port}/${PLANTED.webhookPath}`,
    HOOK_SECRET: PLANTED.hookSecret,
  };
  connection = await Connection.connect({ address: env["TEMPORAL_ADDRESS"]! });
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("../planted-outside.yaml", `${PLANTED.fileOutside}: true\n`);
  await symlink("../planted-outside.yaml", join(bench.folder, "link.yaml"));
  await symlink("/proc/self/environ", join(bench.folder, "environ.yaml"));
  await bench.file(".env", `KEY=${PLANTED.environmentFile}\n`);
  for (const wording of ["brief", "kind"]) {
    const text = promptFile(`Be ${wording}.`).replace(
      /interval: .*\n/,
      "interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } }, notify: [{ webhook: 'env:HOOK', secret: 'env:HOOK_SECRET' }, { webhook: 'env:NOT_SET' }] }\n",
    );
    await bench.file(`${wording}.yaml`, text);
  }
});

afterAll(async () => {
  worker?.child.kill("SIGTERM");
  await worker?.ended;
  await connection?.close();
  await sql
    .raw(`reassign owned by ${login} to current_user`)
    .execute(db)
    .catch(() => undefined);
  await sql
    .raw(`drop owned by ${login}`)
    .execute(db)
    .catch(() => undefined);
  await db.destroy();
  await bench.close();
  receiver.close();
});

describe("a secret that stands anywhere", () => {
  it("is refused, not read and not repeated where a file names it", async () => {
    const named = ["/proc/self/environ", "environ.yaml", "link.yaml", "../planted-outside.yaml", ".env"];
    for (const [at, path] of named.entries()) {
      await bench.file(
        `d${at}.yaml`,
        `- { vars: { question: "file://${path}" }, assert: [{ type: is-json }] }\n`,
      );
      await bench.file(
        `p${at}.rollout.yaml`,
        `gate: { dataset: ${path} }\ncanary: { stages: [{ share: 50% }], goal: { metric: rating, direction: higher, margin: 0.5 } }\n`,
      );
      await bench.file(
        `n${at}.yaml`,
        `name: p\nmodel: openai/gpt-5-mini\nmessages: [{ role: user, content: x }]\npolicy: ${path}\n`,
      );
      for (const args of [
        ["eval", "brief.yaml", "--dataset", `d${at}.yaml`],
        ["eval", "brief.yaml", "--policy", `p${at}.rollout.yaml`],
        ["push", `n${at}.yaml`, "--json"],
      ])
        expect([args, (await run(args)).code]).toEqual([args, 2]);
    }
    await bench.file(
      "address.yaml",
      promptFile("x").replace(
        / } }\n$/,
        ` }, notify: [{ webhook: "https://hooks.slack.com/services/${PLANTED.policyAddress}" }] }\n`,
      ),
    );
    expect((await run(["push", "address.yaml"])).code).toBe(2);
    expect(found(printed.join("\n"), "what is printed")).toEqual([]);
  });

  it("is in no message about an address that leads nowhere", async () => {
    for (const more of [
      { DATABASE_URL: `postgres://u:${PLANTED.databasePassword}#?/@127.0.0.1:1/x` },
      { DATABASE_URL: `postgres://u:${PLANTED.databasePassword}@/x?host=/cloudsql/p:r:i` },
      { DATABASE_URL: `postgres://u:${PLANTED.databasePassword}@127.0.0.1:port/x` },
    ])
      expect([2, 5]).toContain((await run(["list", "--json"], more)).code);
    const gone = { DATABASE_URL: `postgres://u:${PLANTED.databasePassword}@127.0.0.1:1/x` };
    expect((await run(["worker"], gone)).code).toBe(5);
    const wrong = { TEMPORAL_ADDRESS: `http://${PLANTED.temporalAddress}@127.0.0.1:1` };
    expect((await run(["worker"], wrong)).code).toBe(2);
    const base = { OPENAI_BASE_URL: `http://127.0.0.1:1/v1?key=${PLANTED.baseAddress}` };
    expect((await run(["eval", "brief.yaml"], base)).code).not.toBe(0);
    expect(found(printed.join("\n"), "what is printed")).toEqual([]);
  });

  it("is in nothing that a rollout prints, stores, sends or keeps", async () => {
    worker = startSluice(["worker"], { cwd: bench.folder, env });
    await worker.said(/worker ready/);
    const told = new Promise<void>((resolve) => (heard = resolve));
    expect((await run(["push", "brief.yaml", "-m", "first"])).code).toBe(0);
    expect((await run(["rollout", "start", "support-reply@1", "--wait"])).code).toBe(0);
    await told;
    expect((await run(["push", "kind.yaml", "-m", "second"])).code).toBe(0);
    await run([
      "eval",
      "support-reply@2",
      "--junit",
      "gate.xml",
      "--markdown",
      "gate.md",
      "--output",
      "out.json",
    ]);
    expect((await run(["rollout", "start", "support-reply@2"])).code).toBe(0);
    await until<RolloutStatus>(["rollout", "status", "support-reply"], ({ phase }) => phase === "canary");
    await run(["rollback", "support-reply", "--reason", "enough"]);
    // The second webhook leads nowhere: what is kept of that says so, and no more.
    await until<unknown[]>(["dead-letters", "list"], (letters) => letters.length > 0);
    for (const args of [
      "list",
      "show support-reply@2 --json",
      "usage support-reply",
      "rollout status support-reply",
      "rollout status support-reply --json",
      "audit --json",
      "dead-letters list --all",
      "resolve support-reply --unit u",
    ])
      await run(args.split(" "));
    const [letter] = JSON.parse((await run(["dead-letters", "list", "--json"])).stdout) as { id: string }[];
    await run(["dead-letters", "show", letter!.id, "--json"]);
    await run(["dead-letters", "redrive", letter!.id]);

    expect(found(printed.join("\n"), "what is printed")).toEqual([]);
    worker.child.kill("SIGTERM");
    const log = await worker.ended;
    expect(found(log.stdout + log.stderr, "the worker's log")).toEqual([]);

    expect(received.length).toBeGreaterThan(0);
    for (const { url, headers, body } of received) {
      expect(url).toBe(`/${PLANTED.webhookPath}`);
      expect(headers).toContain("sluice-signature");
      expect(found(headers + body, "what is sent")).toEqual([]);
    }

    const { rows: tables } = await sql<{ name: string }>`select format('%I.%I', schemaname, tablename) as name
      from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`.execute(db);
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const { rows } = await sql.raw<{ row: string }>(`select t::text as row from ${name} t`).execute(db);
      expect(found(rows.map(({ row }) => row).join("\n"), name)).toEqual([]);
    }

    const client = new Client({ connection, namespace: env["TEMPORAL_NAMESPACE"]! });
    let histories = 0;
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      // Payloads are bytes there, written as base64.
      const text = historyToJSON(history).replace(/"data":\s*"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
        Buffer.from(data, "base64").toString(),
      );
      expect(found(text, workflowId)).toEqual([]);
      histories += 1;
    }
    expect(histories).toBeGreaterThanOrEqual(2);
    // What is looked for can be found where it does stand.
    expect(found(JSON.stringify(env), "the environment")).toHaveLength(5);
  }, 240_000);
});
