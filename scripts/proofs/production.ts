import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readLocalMachine } from "../../src/config.ts";
import { freePort } from "../../src/local/processes/free-port.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { findTemporalCli } from "../../src/local/temporal/temporal-cli.ts";
import { document, type RunOptions, startSluice } from "../../test/cli/run-sluice.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import { startCollector } from "./production/collector.ts";
import { type Names, type Part, runOnce, startPart } from "./production/composition.ts";
import { createNamespace, createRoles, makeSecrets, mayDo, serviceLogin } from "./production/set-up.ts";
import { presentRelease, reportsOf } from "./upgrade/earlier-release.ts";
import { repeaterFile } from "../../test/support/evaluation-scene.ts";

const PROMPT = "produced";
const LOOKS = 3;
const POLICY = `
gate: { dataset: golden.yaml }
metrics: { rating: { window: 200ms } }
canary:
  stages: [{ share: 25%, for: 1h }, { share: 50% }]
  interval: 500ms
  min_units: 50
  max_units: 10000000
  max_duration: 14d
  lease: 1m
  goal: { metric: rating, direction: higher, claim: superior }
`;
const GOLDEN = `
- vars: { words: hello }
  assert: [{ type: regex, value: . }]
`;
/** A CI job's own, and what has to be in it. */
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const ASKED_BY = "b7ad6b7169203331";
const IN_TRACE = [
  "sluice rollout start",
  "POST /v1/rollouts",
  "activity beginRollout",
  "activity openStage",
  "activity watchStage",
  "activity promote",
  "activity runEvaluationBatch",
  "chat",
];
const KEYS_CREATE = "node src/cli/main.ts keys create --name admin --role admin --json".split(" ");

/**
 * `npm run prove -- production`: deploy/compose without Docker. Each part is a process of its own with the command,
 * environment, secrets and health check that the composition gives it, and a login that may do what the part needs;
 * secrets, roles and Temporal's namespace are made by the composition's own scripts, and a service with the resolver
 * logs in as `sluice_service`. A rollout is watched from its gate to its promotion while each part in turn is restarted.
 */
export async function prove({ minutes }: ProofOptions): Promise<Finding> {
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const folder = mkdtempSync(join(tmpdir(), "sluice-production-"));
  const closing: (() => unknown)[] = [
    () => run.remove(),
    () => rmSync(folder, { recursive: true, force: true }),
  ];
  const deadline = performance.now() + minutes * 60_000;
  try {
    return await judge({ data: run.path, folder, closing, deadline });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

interface Place {
  /** What Postgres and Temporal keep. */
  readonly data: string;
  readonly folder: string;
  /** What is left to do at the end, the last first. */
  readonly closing: (() => unknown)[];
  readonly deadline: number;
}

async function judge(place: Place): Promise<Finding> {
  const { folder, closing } = place;
  const findings: Finding[] = [];
  const say = (holds: boolean, line: string) => void findings.push(found(holds ? "holds" : "VIOLATED", line));
  const stores = await startStores(place);
  const secrets = makeSecrets(folder, stores.postgres.port);
  createRoles(secrets, stores.postgres.url);
  const { path: cli } = await findTemporalCli({ machine: readLocalMachine() });
  createNamespace(cli, stores.temporal.address);
  const names: Names = { "/run/secrets": secrets, "temporal:7233": stores.temporal.address };
  const migrate = () => runOnce("migrate", names).trim().split("\n");
  say(
    migrate().length > 10,
    "the composition's scripts make secrets, logins and a namespace; its owner migrates",
  );

  const collector = await startCollector();
  closing.push(() => collector.stop());
  const { parts, url } = await startParts(names, collector.environment, place);
  say(true, "a server and two workers are healthy by their own health checks");
  const serviceUrl = await serviceLogin(stores.postgres.url);
  const workerUrl = readFileSync(join(secrets, "worker_url"), "utf8");
  const refused = [
    await mayDo(serviceUrl, "update sluice.pointers set share = 1"),
    await mayDo(serviceUrl, "select * from sluice.rollouts"),
    await mayDo(workerUrl, "select * from sluice.keys"),
    await mayDo(workerUrl, "create table sluice.more ()"),
  ];
  say(
    refused.every((answer) => /permission denied/.test(answer)),
    `a service moves and reads no more than it needs, a worker reads no key and makes no table: ${refused.join("; ")}`,
  );

  const { key } = JSON.parse(runOnce("migrate", names, KEYS_CREATE)) as { key: string };
  const at = { cwd: folder, env: { SLUICE_URL: url, SLUICE_KEY: key, SLUICE_ACTOR: "" } };
  await startFirst(folder, at);
  const service = openService(serviceUrl, closing);
  // As a CI job that is part of a trace: a process of its own, which sends its span.
  const inTrace = { ...at.env, ...collector.environment, TRACEPARENT: `00-${TRACE}-${ASKED_BY}-01` };
  const start = startSluice(["rollout", "start", `${PROMPT}@2`, "--policy", "p.rollout.yaml"], {
    cwd: folder,
    env: inTrace,
  });
  if ((await start.ended).code !== 0) throw new Error((await start.ended).stderr);
  const status = async () => (await document(["rollout", "status", PROMPT], at)) as unknown as Status;
  const until = async (what: string, wanted: (now: Status) => boolean) => {
    for (;;) {
      const now = await status().catch(() => undefined);
      if (now && wanted(now)) return now;
      if (performance.now() > place.deadline) throw new Error(`not seen: ${what}: ${JSON.stringify(now)}`);
      await delay(200);
    }
  };
  await until("an open canary that is looked at", ({ phase, tick }) => phase === "canary" && tick > 1);
  say(true, "a rollout is started over the server, passes its gate and opens its canary");

  const turns: Readonly<Record<string, () => unknown>> = {
    ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, () => part.restart()])),
    "the migration": migrate,
    "the service": () => service.restart(),
    Temporal: () => stores.restartTemporal(),
    Postgres: () => stores.restartPostgres(),
  };
  for (const [name, restart] of Object.entries(turns)) {
    const before = service.rendered();
    const began = performance.now();
    await restart();
    const back = performance.now();
    const { tick } = await until("its status", () => true);
    const now = await until(
      `a look after ${name}`,
      (seen) => seen.tick >= tick + LOOKS || seen.outcome !== null,
    );
    while (service.rendered() <= before && performance.now() < place.deadline) await delay(100);
    say(
      now.outcome === null && now.phase === "canary" && service.rendered() > before,
      `${name} is restarted in ${seconds(began, back)} s: ${LOOKS} looks ${seconds(back)} s later, ${service.rendered() - before} prompts rendered meanwhile`,
    );
  }
  await document(["rollout", "promote", PROMPT], at);
  const end = await until("the end", ({ outcome }) => outcome !== null);
  say(end.outcome === "promoted", `the rollout ends: ${end.outcome}`);
  const { ok } = (await document(["audit", "--verify"], at)) as { ok?: boolean };
  say(ok === true, "the audit log verifies");
  for (const part of Object.values(parts)) await part.stop();
  const { counts, lost } = collector.trace(TRACE, ASKED_BY);
  say(
    IN_TRACE.every((name) => Object.keys(counts).some((one) => one.startsWith(name))) && lost.length === 0,
    `all of the rollout is one trace, from the CI job that asked for it: ${JSON.stringify(counts)}${lost.length > 0 ? `; without a parent: ${lost.join(", ")}` : ""}`,
  );
  const { source, warnings } = service.newest();
  say(
    source === "memory",
    `the service was warned of ${JSON.stringify(warnings)} and answers from ${source}`,
  );
  return whole(findings);
}

interface Status {
  readonly phase: string;
  readonly outcome: string | null;
  readonly tick: number;
}

/** What the composition takes from others: Postgres and Temporal, each where it was when it is started again. */
async function startStores({ data, closing }: Place) {
  const inPostgres = { dataDir: join(data, "postgres"), settings: { reserved_connections: "5" } };
  const inTemporal = { machine: readLocalMachine(), dataDir: join(data, "temporal") };
  let postgres = await startPostgres(inPostgres);
  closing.push(() => postgres.stop());
  let temporal = await startTemporal(inTemporal);
  closing.push(() => temporal.stop());
  return {
    postgres,
    temporal,
    async restartPostgres() {
      await postgres.stop();
      postgres = await startPostgres({ ...inPostgres, port: postgres.port });
    },
    async restartTemporal() {
      await temporal.stop();
      temporal = await startTemporal({
        ...inTemporal,
        preferredPort: Number(temporal.address.split(":")[1]),
      });
    },
  };
}

async function startParts(names: Names, traces: Names, { closing }: Place) {
  const models = await startModelServer();
  closing.push(() => models.stop());
  const parts: Record<string, Part> = {};
  const keep = (name: string, part: Part) => {
    parts[name] = part;
    closing.push(() => part.stop());
  };
  const at = async (port: number): Promise<Names> => {
    const own = `127.0.0.1:${await freePort()}`;
    return { [`0.0.0.0:${port}`]: own, [`127.0.0.1:${port}`]: own };
  };
  for (const name of ["a worker", "the other worker"])
    keep(
      name,
      await startPart(
        "worker",
        { ...names, ...(await at(9465)) },
        { OPENAI_BASE_URL: `${models.url}/v1`, ...traces },
      ),
    );
  const listen = await at(7200);
  keep("the server", await startPart("server", { ...names, ...listen, ...(await at(9464)) }, traces));
  return { parts, url: `http://${listen["0.0.0.0:7200"]}` };
}

/** Version 1 goes live through a gate of its own; version 2 is pushed. */
async function startFirst(folder: string, at: RunOptions): Promise<void> {
  writeFileSync(join(folder, "golden.yaml"), GOLDEN);
  writeFileSync(join(folder, "p.rollout.yaml"), POLICY);
  for (const number of [1, 2]) {
    writeFileSync(join(folder, "prompt.yaml"), repeaterFile(PROMPT, number));
    await document(["push", "prompt.yaml"], at);
    if (number === 1)
      await document(["rollout", "start", `${PROMPT}@1`, "--policy", "p.rollout.yaml", "--wait"], at);
  }
}

/** A service that renders and records for user after user. */
function openService(databaseUrl: string, closing: (() => unknown)[]) {
  const release = presentRelease();
  const start = () => release.service({ DATABASE_URL: databaseUrl, PROMPT });
  let service: ChildProcess = start();
  let reports = reportsOf(service);
  let earlier = 0;
  closing.push(
    () => release.remove(),
    () => service.kill("SIGKILL"),
  );
  return {
    rendered: () => earlier + (reports.newest?.rendered ?? 0),
    newest: () => reports.newest!,
    async restart() {
      const ended = once(service, "exit");
      service.kill("SIGTERM");
      await ended;
      earlier += reports.newest?.rendered ?? 0;
      service = start();
      reports = reportsOf(service);
    },
  };
}

function seconds(from: number, to = performance.now()): string {
  return ((to - from) / 1_000).toFixed(1);
}
