import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResolver } from "../../src/resolver/index.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";

interface Key {
  readonly id: string;
  readonly key: string;
}

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml"]);
  const move = ["--force", "--reason", "by hand", "--expected-revision", "0"];
  await bench.run(["pointers", "set", "support-reply@1", ...move]);
});
afterAll(() => bench.close());

describe("sluice server and sluice keys", () => {
  it("serve a service that has nothing but the address with a key in it, until SIGTERM", async () => {
    const { key, id } = await bench.json<Key>(["keys", "create", "--name", "checkout", "--role", "resolver"]);
    const server = bench.start(["server", "--listen", "127.0.0.1:0", "--json"]);
    const { url } = JSON.parse(await server.said(/\{"url".*\}/)) as { url: string };
    const resolver = await createResolver({
      source: url.replace("//", `//${key}@`),
      preload: ["support-reply"],
    });
    expect(resolver.resolveSync({ prompt: "support-reply" }).toJSON()).toMatchObject({
      version: 1,
      source: "memory",
    });
    await resolver.close();
    const [listed] = await bench.json<readonly Record<string, unknown>[]>(["keys", "list"]);
    expect(listed).toMatchObject({ id, name: "checkout", role: "resolver", state: "good", expiresAt: null });
    expect(listed!["lastUsedAt"]).not.toBeNull();
    server.child.kill("SIGTERM");
    const { code, stderr, stdout } = await server.ended;
    expect(code).toBe(0);
    expect(stderr + stdout).not.toContain(key.slice(17));
  });

  it("rotate a key so that both are good for a while, and revoke one for good", async () => {
    const { id } = await bench.json<Key>(["keys", "create", "--name", "ann", "--role", "editor"]);
    const next = await bench.json<Key>(["keys", "rotate", id]);
    const states = async () =>
      Object.fromEntries(
        (await bench.json<readonly { id: string; state: string }[]>(["keys", "list", "--all"])).map((key) => [
          key.id,
          key.state,
        ]),
      );
    expect(await states()).toMatchObject({ [id]: "good", [next.id]: "good" });
    expect((await bench.run(["keys", "rotate", id])).stderr).toContain(`rotated to ${next.id}`);
    expect((await bench.run(["keys", "revoke", next.key])).stdout).toBe(`key ${next.id} is revoked\n`);
    expect((await bench.run(["keys", "revoke", next.id])).stdout).toContain("nothing to do");
    expect(await states()).toMatchObject({ [id]: "good", [next.id]: "revoked" });
  });

  it.each([
    [["keys", "create", "--name", "x", "--role", "god"], "viewer"],
    [["keys", "create", "--name", " ", "--role", "admin"], "--name must not be empty"],
    [
      ["keys", "create", "--name", "x", "--role", "admin", "--only-prompt", "A B"],
      "not a valid name segment",
    ],
    [["keys", "create", "--name", "x", "--role", "admin", "--expires", "soon"], "30d"],
    [["keys", "revoke", "nope"], "there is no key"],
    [["server", "--listen", "0.0.0.0:0"], "--tls-cert"],
    [["server", "--listen", "here"], "127.0.0.1:7200"],
    [["server", "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"], "cannot be read"],
  ])("say what is wrong with %j", async (args, said) => {
    const ran = await bench.run(args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(said);
  });
});
