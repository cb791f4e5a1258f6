import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { TEMPORAL_CLI_VERSION } from "../../src/local/temporal/temporal-cli.ts";
import { SEARCH_ATTRIBUTES } from "../../src/protocol/search-attributes.ts";
import { readComposeFile } from "./compose-file.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const compose = readComposeFile();
const services = Object.entries(compose.services);
const dockerfile = readFileSync(new URL("../../deploy/Dockerfile", import.meta.url), "utf8");

describe("the composition", () => {
  it("has Postgres, Temporal, a worker and the HTTP server", () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(["postgres", "temporal", "worker", "server"]),
    );
  });

  it("pins each image to a release", () => {
    const images = services.flatMap(([, service]) => service.image ?? []);
    const base = /^FROM (\S+)$/m.exec(dockerfile)?.[1] ?? "";
    for (const image of [...images, base]) expect(image).toMatch(/^[a-z/]+:\d+\.\d+[\w.-]*$/);
  });

  it("uses declared volumes only", () => {
    const used = services.flatMap(([, service]) =>
      (service.volumes ?? []).map((volume) => volume.split(":")[0]!),
    );
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });

  it("waits for services that exist, and for health only where it is checked", () => {
    const waits = services.flatMap(([, service]) => Object.entries(service.depends_on ?? {}));
    expect(waits.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waits) {
      expect(compose.services).toHaveProperty(name);
      if (condition === "service_healthy") expect(compose.services[name]).toHaveProperty("healthcheck");
    }
  });

  it("gives each command and health check as words alone, which YAML has not read as something else", () => {
    const words = services.flatMap(([, { command, healthcheck }]) => [
      ...(command ?? []),
      ...(healthcheck?.test ?? []),
    ]);
    expect(words.filter((word) => typeof word !== "string")).toEqual([]);
  });

  it("publishes its ports on the loopback address unless it is told otherwise", () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^\$\{SLUICE_BIND:-127\.0\.0\.1\}:\d+:\d+$/);
  });

  it("runs the Temporal that Sluice runs elsewhere, with the search attributes that rollouts set", () => {
    const { image, command } = compose.services["temporal"]!;
    expect(image).toBe(`temporalio/temporal:${TEMPORAL_CLI_VERSION}`);
    const attributes = command!.filter((argument) => argument.startsWith("--search-attribute="));
    expect(attributes).toEqual(SEARCH_ATTRIBUTES.map((name) => `--search-attribute=${name}=Keyword`));
  });

  it.each(["worker", "server"])("gives the %s an environment that Sluice understands", (name) => {
    const given = compose.services[name]!.environment!;
    const config = readConfig(interpolated(given), "/nowhere");
    expect(config.databaseUrl).toBe("postgres://sluice:sluice@postgres:5432/sluice");
    expect(config.temporal).toMatchObject({ source: "environment", address: "temporal:7233" });
    expect(config.openai).toEqual({ apiKey: undefined, baseUrl: undefined });
    expect(Object.keys(given).filter((variable) => !isRead(variable))).toEqual([]);
  });

  it("copies into the image only what it names, all of which exists", () => {
    const lines = readFileSync(new URL("../../.dockerignore", import.meta.url), "utf8").split("\n");
    const rules = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules[0]).toBe("*");
    for (const rule of rules.slice(1))
      expect(existsSync(new URL(`../../${rule.slice(1)}`, import.meta.url)), rule).toBe(true);
  });

  it("copies into the image what its pages are built with", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-pages-"));
    try {
      const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
      for (const path of lines.flatMap((line) => (line.startsWith("!scripts/") ? [line.slice(1)] : []))) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        copyFileSync(join(ROOT, path), join(folder, path));
      }
      for (const path of ["package.json", "tsconfig.json", "src", "node_modules"])
        symlinkSync(join(ROOT, path), join(folder, path));
      const { bundleWeb } = (await import(join(folder, "scripts", "bundle-web.mjs"))) as {
        bundleWeb: (root: string) => Promise<{ readonly files: readonly { readonly name: string }[] }>;
      };
      const { files } = await bundleWeb(folder);
      expect(files.map(({ name }) => name.replace(/-.*/, ""))).toEqual(
        expect.arrayContaining(["main", "planner", "style"]),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** `${NAME:-default}` becomes its default, as with nothing set. */
function interpolated(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1")]),
  );
}

/** A variable is read when setting it alone makes a difference. */
function isRead(name: string): boolean {
  const value = name.endsWith("URL") ? (name === "DATABASE_URL" ? "postgres://x" : "http://x") : "7";
  return (
    JSON.stringify(readConfig({ [name]: value }, "/nowhere")) !== JSON.stringify(readConfig({}, "/nowhere"))
  );
}
