import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { createClient } from "@redis/client";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readBundleAddress, readKeptBundles } from "../../src/outbound/bundles/bundle-address.ts";
import type { BundleWriter } from "../../src/outbound/bundles/bundle-writer.ts";
import { openBundleWriter } from "../../src/outbound/bundles/open-bundle-writer.ts";
import { BundleSource, createResolver } from "../../src/resolver/index.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { keepBundle } from "../../src/use-cases/keep-bundle.ts";
import { type CommandBench, createCommandBench, GOLDEN, promptFile } from "../cli/command-bench.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { type SsmStandIn, startSsmStandIn } from "./ssm-stand-in.ts";

const REDIS = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

let bench: CommandBench;
let db: Database;
let versions = 0;
beforeAll(async () => {
  bench = await createCommandBench();
  db = openDatabase(bench.env["DATABASE_URL"]!, { max: 12 });
  await bench.file("golden.yaml", GOLDEN);
});
afterAll(async () => {
  await db.destroy();
  await bench.close();
});

/** Pushes another version and makes it live; its number. */
async function move(): Promise<number> {
  await bench.file("support-reply.yaml", promptFile(`Wording ${versions + 1}.`));
  await bench.run(["push", "support-reply.yaml"]);
  const set = "pointers set --reason r --force --expected-revision".split(" ");
  await bench.json([...set, String(versions), `support-reply@${versions + 1}`]);
  return ++versions;
}
const numberIn = (text: string) =>
  (JSON.parse(text) as { body: { versions: { number: number }[] } }).body.versions[0]!.number;
const kept = (text: string, writer: BundleWriter) => ({ ...readKeptBundles(text, "production")[0]!, writer });
const lapse = () => sql`update sluice.bundle_targets set claimed_until = '-infinity'`.execute(db);

describe("a bundle that is kept up", () => {
  let folder: string;
  let file: string;
  let writer: BundleWriter;
  beforeEach(async () => {
    folder ??= await mkdtemp(join(tmpdir(), "sluice-bundles-"));
    file = join(folder, `${versions}.json`);
    writer = await openBundleWriter(readBundleAddress(`file:${file}`));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is written once for a move, however many workers look, and again when it is lost", async () => {
    const live = await move();
    let writes = 0;
    const counting: BundleWriter = {
      ...writer,
      async write(...bundle) {
        writes++;
        await writer.write(...bundle);
      },
    };
    const target = kept(`file:${file}`, counting);
    const answers = await Promise.all(Array.from({ length: 10 }, () => keepBundle(db, target)));
    expect(writes).toBe(1);
    expect(answers.filter((one) => one !== undefined)).toHaveLength(1);
    expect(numberIn(await readFile(file, "utf8"))).toBe(live);
    expect(await keepBundle(db, target)).toBeUndefined();
    await rm(file);
    await sql`update sluice.bundle_targets set written_at = written_at - interval '61 minutes'`.execute(db);
    expect(await keepBundle(db, target)).toMatchObject({ again: true });
    expect(numberIn(await readFile(file, "utf8"))).toBe(live);
  });

  it("is the newest in the end, though a worker that was stopped in the middle writes an older one late", async () => {
    await move();
    let goOn = () => {};
    const stopped = new Promise<void>((released) => (goOn = released));
    const late: BundleWriter = {
      ...writer,
      async write(bundle, signal) {
        await stopped;
        await writer.write(bundle, signal);
      },
    };
    const asleep = keepBundle(db, kept(`file:${file}`, late));
    while (
      (await sql`select from sluice.bundle_targets where claim is not null`.execute(db)).rows.length === 0
    )
      await delay(20);
    const newest = await move();
    expect(await keepBundle(db, kept(`file:${file}`, writer))).toBeUndefined();
    await lapse();
    expect(await keepBundle(db, kept(`file:${file}`, writer))).toMatchObject({ again: false });
    goOn();
    await asleep;
    // It has written the older one; whoever looks next sees that, and writes the newest again.
    expect(numberIn(await readFile(file, "utf8"))).toBe(newest - 1);
    expect(await keepBundle(db, kept(`file:${file}`, writer))).toBeDefined();
    expect(numberIn(await readFile(file, "utf8"))).toBe(newest);
  });

  it("is named where it cannot be written, and tried again", async () => {
    await move();
    const nowhere = `file:${folder}/none/x.json`;
    const target = kept(nowhere, await openBundleWriter(readBundleAddress(nowhere)));
    expect(await keepBundle(db, target)).toMatchObject({
      problem: expect.stringContaining("cannot be written (ENOENT)"),
      isNew: true,
    });
    expect(await keepBundle(db, target)).toBeUndefined();
    await lapse();
    expect(await keepBundle(db, target)).toMatchObject({ isNew: false });
  });
});

describe.skipIf(REDIS === undefined)("a bundle in a Redis", () => {
  let url: string;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const port = await freePort();
    url = `redis://127.0.0.1:${port}/0?key=prompts`;
    const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const server = spawn(REDIS!, options, { stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((exit) => server.once("exit", exit));
    await new Promise<void>((ready) =>
      server.stdout.on("data", (text) => String(text).includes("Ready to accept") && ready()),
    );
    stop = async () => {
      server.kill("SIGTERM");
      await ended;
    };
  });
  afterAll(() => stop());

  it("serves a resolver, and a newer one takes its place, never an older one", async () => {
    const first = await move();
    const writer = await openBundleWriter(readBundleAddress(url));
    const client = await createClient({ url: url.split("?")[0]! }).connect();
    const published: string[] = [];
    const subscriber = await client.duplicate().connect();
    await subscriber.subscribe("prompts", (sha256) => published.push(sha256));
    expect(await keepBundle(db, kept(url, writer))).toMatchObject({ again: false });
    const source = await BundleSource.from({
      name: "the prompts in Redis",
      read: async () => (await client.get("prompts")) ?? "",
      everyMs: 20,
    });
    const prompts = await createResolver({ source });
    expect((await prompts.resolve({ prompt: "support-reply" })).version).toBe(first);
    const older = (await client.get("prompts"))!;
    const second = await move();
    const written = await keepBundle(db, kept(url, writer));
    await expect
      .poll(async () => (await prompts.resolve({ prompt: "support-reply" })).version, { timeout: 20_000 })
      .toBe(second);
    await expect.poll(() => published, { timeout: 20_000 }).toHaveLength(2);
    expect(published.at(-1)).toBe((written as { sha256: string }).sha256);
    await expect(
      writer.write({ text: older, sha256: "0".repeat(64), readAt: 1 }, AbortSignal.timeout(20_000)),
    ).rejects.toThrow(/has a bundle that was read later/);
    expect(numberIn((await client.get("prompts"))!)).toBe(second);
    // By hand, too.
    const byHand = await bench.run(["bundle", "--to", url]);
    expect(byHand.stdout, byHand.stderr).toMatch(
      /^redis:\/\/127.0.0.1:\d+\/0\?key=prompts: 1 version behind 1 pointer/,
    );
    await prompts.close();
    await Promise.all([subscriber.close(), client.close(), writer.close()]);
  });

  it("is written when the Redis is there again, and says meanwhile that it is not", async () => {
    const away = `redis://:secret@127.0.0.1:${await freePort()}/0`;
    const writer = await openBundleWriter(readBundleAddress(away));
    const answer = await keepBundle(db, kept(away, writer));
    expect(answer).toMatchObject({ problem: expect.stringMatching(/takes no bundle: .*ECONNREFUSED/) });
    expect(JSON.stringify(answer)).not.toContain("secret");
    const byHand = await bench.run(["bundle", "--to", away]);
    expect(byHand.code).toBe(5);
    expect(byHand.stderr).not.toContain("secret");
  });
});

describe("a bundle in parameters of AWS Systems Manager", () => {
  let ssm: SsmStandIn;
  beforeAll(async () => {
    ssm = await startSsmStandIn();
  });
  afterAll(() => ssm.close());
  const bundle = () =>
    runSluice(["bundle", "--to", "ssm:/acme/prompts"], {
      cwd: bench.folder,
      env: { ...bench.env, ...ssm.env },
    });
  /** As docs/reference/resolver.md shows it. */
  const read = async () => {
    const { sha256, parts } = JSON.parse(ssm.parameters.get("/acme/prompts/current")!) as {
      sha256: string;
      parts: number;
    };
    const texts = Array.from({ length: parts }, (_, i) =>
      ssm.parameters.get(`/acme/prompts/parts/${sha256.slice(0, 16)}/${i + 1}`)!,
    );
    return { parts, text: String(await promisify(gunzip)(Buffer.from(texts.join(""), "base64"))) };
  };

  it("is in as many as it takes, the one that names them last, and what nobody reads any more goes", async () => {
    // More than one parameter holds, compressed.
    const words = Array.from({ length: 1_500 }, (_, i) => Math.sin(i).toString(36).slice(2)).join(" ");
    await bench.file("long.yaml", promptFile(words).replace("name: support-reply", "name: long"));
    await bench.run(["push", "long.yaml"]);
    await bench.json("pointers set long@1 --reason r --force --expected-revision 0".split(" "));
    const first = await bundle();
    expect(first.stdout, first.stderr).toMatch(/^ssm:\/acme\/prompts: 2 versions behind 2 pointers/);
    expect(ssm.asked.at(-1)).toBe("PutParameter /acme/prompts/current");
    const { parts, text } = await read();
    expect(parts).toBeGreaterThan(2);
    expect(text).toBe((await bench.run(["bundle"])).stdout);
    for (let more = 0; more < 2; more++) {
      await move();
      expect((await bundle()).code).toBe(0);
    }
    // The present one and the one before it.
    expect(new Set([...ssm.parameters.keys()].map((name) => name.split("/")[4]).filter(Boolean)).size).toBe(
      2,
    );
    expect((await read()).text).toContain(`Wording ${versions}.`);
    expect(ssm.refused).toEqual([]);
    const unsigned = await runSluice(["bundle", "--to", "ssm:/acme/prompts"], {
      cwd: bench.folder,
      env: { ...bench.env, ...ssm.env, AWS_SECRET_ACCESS_KEY: "another" },
    });
    expect(unsigned).toMatchObject({ code: 5, stderr: expect.stringContaining("signature does not match") });
  });
});

describe("where a bundle goes", () => {
  it.each([
    ["s3://bucket/prompts", /cannot be written to "s3:"; name a file, redis:/],
    ["redis:?key=x", /names no host/],
    ["redis://h/0?kye=x", /takes key, not "kye"/],
    ["redis://h/0?key=a%7Bb", /without spaces and braces/],
    ["ssm:acme", /names a path of parameters/],
    ["file:", /names no file/],
  ])("%s is refused", (text, message) => {
    expect(() => readBundleAddress(text)).toThrow(message);
  });

  it("is said without a password, and once", () => {
    expect(readBundleAddress("rediss://ann:pw@h:1/2?key=k").place).toBe("rediss://h:1/2?key=k");
    expect(() => readKeptBundles("file:/a file:/a?label=staging", "production")).toThrow(
      /\/a is there twice/,
    );
    expect(() => readKeptBundles("file:a", "production")).toThrow(/by its whole path/);
    expect(readKeptBundles("ssm:/a?label=staging&prefix=team/ file:/b", "production")).toMatchObject([
      { label: "staging", prefix: "team/" },
      { label: "production", prefix: "" },
    ]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
