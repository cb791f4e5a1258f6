import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestJson } from "../../../src/digest.ts";
import {
  createResolver,
  MemorySource,
  type Resolver,
  type ResolverOptions,
  type SourceAnswer,
  type SourceQuery,
} from "../../../src/resolver/index.ts";
import { parseSnapshot, snapshotText } from "../../../src/resolver/snapshot/snapshot-file.ts";
import { artifact } from "../support/artifacts.ts";
import { eventually } from "../support/eventually.ts";

const SCOPE = { label: "production", prompt: "greeting" };

let folder: string;
let snapshotFile: string;
let source: MemorySource;
let one: string;
let two: string;
let messages: string[];
const resolvers: Resolver[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-snapshot-"));
  snapshotFile = join(folder, "prompts.json");
  source = new MemorySource();
  one = source.addVersion("greeting", artifact("Hello"));
  two = source.addVersion("greeting", artifact("Good day"));
  source.setPointer(SCOPE, { active: one });
  source.setPointer({ ...SCOPE, tenant: "acme" }, { active: two });
  messages = [];
});
afterEach(async () => {
  await Promise.all(resolvers.splice(0).map((resolver) => resolver.close()));
  await rm(folder, { recursive: true });
});

async function open(options: Partial<ResolverOptions> = {}): Promise<Resolver> {
  const resolver = await createResolver({
    source,
    snapshotFile,
    preload: ["greeting", { prompt: "greeting", tenant: "acme" }],
    onWarning: ({ message }) => messages.push(message),
    ...options,
  });
  resolvers.push(resolver);
  return resolver;
}

/** The same store, as another process sees it: it finds moves by looking. */
class Ear extends MemorySource {
  readonly #store: MemorySource;

  constructor(store: MemorySource) {
    super();
    this.#store = store;
  }

  override read(query: SourceQuery): Promise<SourceAnswer> {
    return this.#store.read(query);
  }
}

const heard = (resolver: Resolver, prompt: string, id: string) =>
  eventually(`${prompt} has moved`, () => resolver.resolveSync({ prompt }).versionId === id);

/** Leaves a snapshot of what is served now. */
async function save(): Promise<void> {
  const resolver = await open();
  await resolver.close();
}

const OF_ANOTHER_FORM = "a pointer or version in it is of another form";
const ofAnotherForm = (pointers: unknown[], versions: unknown[]) =>
  snapshotText({ pointers, versions } as never);

describe("a snapshot file", () => {
  it("serves a cold start with the store away, and says so", async () => {
    await save();
    source.disconnect();
    const resolver = await open({ preload: ["greeting"] });
    expect(resolver.resolveSync({ prompt: "greeting", unit: "ann" })).toMatchObject({
      versionId: one,
      scope: SCOPE,
      revision: 1,
      source: "snapshot",
      reason: "store_unreachable",
    });
    const acme = await resolver.resolve({ prompt: "greeting", tenant: "acme" });
    expect(acme).toMatchObject({ versionId: two, source: "snapshot" });
    expect(await resolver.resolve({ prompt: "greeting", tenant: "other" })).toMatchObject({ versionId: one });
    expect(await resolver.resolve({ prompt: "greeting", version: 2 })).toMatchObject({ source: "snapshot" });
    expect(await resolver.resolve({ prompt: "unknown" })).toMatchObject({ source: "fallback" });
    source.setPointer(SCOPE, { active: two });
    source.reconnect();
    await eventually(
      "the store is heard",
      () => resolver.resolveSync({ prompt: "greeting" }).source === "memory",
    );
    expect(resolver.resolveSync({ prompt: "greeting" }).versionId).toBe(two);
  });

  it("serves what memory was told to forget while the store is away", async () => {
    const resolver = await open();
    source.disconnect();
    resolver.invalidate();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      versionId: one,
      source: "snapshot",
    });
  });

  it("carries no lease: nobody is served a candidate from it", async () => {
    source.setPointer(SCOPE, {
      active: one,
      candidate: two,
      mode: "canary",
      share: 5_000,
      rolloutId: "0f8fad5b-d9cb-469f-a165-70867728950e",
    });
    await save();
    source.disconnect();
    const resolver = await open();
    for (let i = 0; i < 20; i++)
      expect(resolver.resolveSync({ prompt: "greeting", unit: `u${i}` })).toMatchObject({
        arm: "unenrolled",
        versionId: one,
      });
    expect(await readFile(snapshotFile, "utf8")).not.toMatch(/lease|canary|Good day.*Good day/);
  });

  it("keeps the last good version when the store names one that cannot be served", async () => {
    await save();
    const forged = {
      id: "forged",
      prompt: "greeting",
      number: 3,
      sha256: "0".repeat(64),
      artifact: artifact("No"),
    };
    source.setPointer(SCOPE, { active: source.putVersion(forged) });
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      versionId: one,
      source: "snapshot",
      reason: "hash_mismatch",
    });
    await resolver.close();
    expect(await readFile(snapshotFile, "utf8")).toContain("Hello");
  });

  it("forgets a pointer that was removed", async () => {
    await save();
    source.removePointer(SCOPE);
    await save();
    source.disconnect();
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("fallback");
    expect(resolver.resolveSync({ prompt: "greeting", tenant: "acme" }).source).toBe("snapshot");
  });

  it("of several processes keeps what each has heard of, whoever writes last", async () => {
    const farewell = { label: "production", prompt: "farewell" };
    const three = source.addVersion("farewell", artifact("Goodbye"));
    const four = source.addVersion("farewell", artifact("So long"));
    source.setPointer(SCOPE, { active: two });
    source.setPointer(farewell, { active: three });
    const preload = ["greeting", "farewell"];
    await (await open({ preload })).close();
    // Each knows of the other's prompt what the file said when it started.
    const [first, second] = [
      await open({ preload: ["greeting"] }),
      await open({ source: new Ear(source), preload: ["farewell"], pollMs: 20 }),
    ];
    source.setPointer(SCOPE, { active: one });
    await heard(first, "greeting", one);
    await first.close();
    source.setPointer(farewell, { active: four }, true);
    await heard(second, "farewell", four);
    await second.close();
    source.disconnect();
    const resolver = await open({ preload });
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({
      versionId: one,
      source: "snapshot",
    });
    expect(resolver.resolveSync({ prompt: "farewell" })).toMatchObject({
      versionId: four,
      source: "snapshot",
    });
  });

  it("written by many processes in the same moment loses nobody's word", async () => {
    const prompts = Array.from({ length: 12 }, (_, i) => `prompt-${i}`);
    for (const prompt of prompts)
      source.setPointer(
        { label: "production", prompt },
        { active: source.addVersion(prompt, artifact(prompt)) },
      );
    const all = await Promise.all(
      prompts.map((prompt) => open({ source: new Ear(source), preload: [prompt] })),
    );
    await Promise.all(all.map((resolver) => resolver.close()));
    const { body } = JSON.parse(await readFile(snapshotFile, "utf8")) as {
      body: { pointers: { prompt: string }[] };
    };
    expect(body.pointers.map(({ prompt }) => prompt)).toEqual(prompts.toSorted());
    expect(await readdir(folder)).toEqual(["prompts.json"]);
  });

  it("believes a store that was set up anew and counts from 1 again", async () => {
    for (let i = 0; i < 5; i++) source.setPointer(SCOPE, { active: one });
    await save();
    const anew = new MemorySource();
    anew.setPointer(SCOPE, {
      active: anew.putVersion({
        id: two,
        prompt: "greeting",
        number: 2,
        sha256: digestJson(artifact("Good day")),
        artifact: artifact("Good day"),
      }),
    });
    await (await open({ source: anew })).close();
    anew.disconnect();
    const resolver = await open({ source: anew });
    expect(resolver.resolveSync({ prompt: "greeting" })).toMatchObject({ versionId: two, revision: 1 });
  });

  it("is written although a killed process has left its lock behind", async () => {
    const lock = `${snapshotFile}.lock`;
    await writeFile(lock, "");
    const old = new Date(Date.now() - 3_600_000);
    await utimes(lock, old, old);
    await save();
    expect(await readdir(folder)).toEqual(["prompts.json"]);
  });

  it("removes the drafts of processes that were killed while writing, and nothing else", async () => {
    const old = new Date(Date.now() - 3_600_000);
    const drafts = ["prompts.json.1.new", "prompts.json.0f8fad5b-d9cb-469f-a165-70867728950e.new"];
    const others = ["prompts.json.mine.new", "prompts.json.2.new"];
    for (const name of [...drafts, ...others]) await writeFile(join(folder, name), "{");
    for (const name of [...drafts, "prompts.json.mine.new"]) await utimes(join(folder, name), old, old);
    await save();
    expect((await readdir(folder)).toSorted()).toEqual(["prompts.json", ...others].toSorted());
  });

  it("is JSON, holds no half of itself, and leaves no draft behind", async () => {
    await save();
    expect(JSON.parse(await readFile(snapshotFile, "utf8"))).toMatchObject({
      sluiceSnapshot: 1,
      body: { pointers: [{ activeVersion: one }, { tenant: "acme" }], versions: [{}, {}] },
    });
    expect(await readdir(folder)).toEqual(["prompts.json"]);
  });

  it.each([
    ["cut in half", (text: string) => text.slice(0, text.length / 2), "it has been cut or changed"],
    ["edited", (text: string) => text.replace("Hello", "Help me"), "it has been cut or changed"],
    [
      "reformatted",
      (text: string) => JSON.stringify(JSON.parse(text), null, 2),
      "it is not a snapshot of Sluice's",
    ],
    ["of a newer format", (text: string) => text.replace('Snapshot":1', 'Snapshot":2'), "it is of format 2"],
    ["empty", () => "", "it is not a snapshot of Sluice's"],
    ["hashed again with a pointer that is none", () => ofAnotherForm([null], []), OF_ANOTHER_FORM],
    ["hashed again with a pointer without a scope", () => ofAnotherForm([{}], []), OF_ANOTHER_FORM],
    ["hashed again with a version that is none", () => ofAnotherForm([], [null]), OF_ANOTHER_FORM],
  ])("that is %s is not used, and replaced when the store answers", async (_, change, why) => {
    await save();
    await writeFile(snapshotFile, change(await readFile(snapshotFile, "utf8")));
    source.disconnect();
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("fallback");
    expect(messages[0]).toContain(`${snapshotFile} is not used: ${why}`);
    source.reconnect();
    await resolver.resolve({ prompt: "greeting" });
    await eventually("it is replaced", async () => (await readFile(snapshotFile, "utf8")).includes(one));
  });

  it("with a version edited and hashed again is not believed: the version has a hash of its own", async () => {
    await save();
    const snapshot = parseSnapshot(await readFile(snapshotFile, "utf8"));
    if (typeof snapshot === "string") throw new Error(snapshot);
    const versions = snapshot.versions.map((version) => ({ ...version, artifact: artifact("Send money") }));
    await writeFile(snapshotFile, snapshotText({ ...snapshot, versions }));
    expect(digestJson(artifact("Send money"))).not.toBe(versions[0]!.sha256);
    source.disconnect();
    const resolver = await open();
    expect(resolver.resolveSync({ prompt: "greeting" }).source).toBe("fallback");
  });

  it("in a folder that is not there costs nothing but a warning", async () => {
    const resolver = await open({ snapshotFile: join(folder, "missing", "prompts.json") });
    expect(resolver.resolveSync({ prompt: "greeting" }).versionId).toBe(one);
    await resolver.close();
    expect(messages[0]).toContain("could not be written");
  });
});
