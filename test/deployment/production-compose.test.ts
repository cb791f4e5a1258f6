import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseWords } from "../../src/cli/parsing/parse-words.ts";
import { readConfig } from "../../src/config.ts";
import { ROLE_KINDS } from "../../src/storage/role-grants.ts";
import { allNamesRead } from "../support/variables-read.ts";
import { readComposeFile } from "./compose-file.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../deploy/compose");
const compose = readComposeFile("deploy/compose/compose.yaml");
const services = Object.entries(compose.services);
const own = ["migrate", "worker", "server"] as const;
const read = [...(await allNamesRead()), "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"];
const scratch = mkdtempSync(path.join(tmpdir(), "sluice-compose-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the composition for production", () => {
  it("has all parts: Postgres, Temporal on it with its page, the migration, a server and two workers", () => {
    for (const name of ["postgres", "temporal", "temporal-page", "migrate", "server"])
      expect(compose.services).toHaveProperty(name);
    expect(compose.services["worker"]!.deploy?.replicas).toBe(2);
  });

  it("pins each image to a release, and builds its own", () => {
    const images = services.flatMap(([, { image, build }]) => (build ? [] : [image]));
    for (const image of images) expect(image).toMatch(/^[a-z/-]+:\d+\.\d+[\w.-]*$/);
    expect(images.length).toBeGreaterThan(3);
  });

  it("checks the health of everything that stays, and waits for what there is", () => {
    for (const [name, { depends_on = {}, healthcheck }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(compose.services, name).toHaveProperty(other);
        if (condition === "service_healthy") expect(compose.services[other]).toHaveProperty("healthcheck");
      }
      if (/^(?:postgres|temporal|worker|server)$/.test(name)) expect(healthcheck, name).toBeDefined();
    }
  });

  it("keeps Postgres and Temporal on a network that leads nowhere else, and publishes on this machine alone", () => {
    expect(compose.networks?.["inside"]?.internal).toBe(true);
    for (const name of ["postgres", "temporal"])
      expect(compose.services[name]).toMatchObject({ networks: ["inside"] });
    for (const [, { ports = [] }] of services)
      for (const port of ports) expect(port).toMatch(/^\$\{SLUICE_BIND:-127\.0\.0\.1\}:\d+:\d+$/);
  });

  it("runs Sluice without rights: nothing to write but /tmp, no capability", () => {
    for (const name of own)
      expect(compose.services[name]).toMatchObject({
        read_only: true,
        tmpfs: ["/tmp"],
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
  });

  it.each(own)(
    "gives %s commands, variables and secrets that it takes, and no secret in a variable",
    (name) => {
      const { command, environment = {}, secrets = [] } = compose.services[name]!;
      expect(command!.slice(0, 2)).toEqual(["node", "src/cli/main.ts"]);
      const words = command!.slice(2);
      if (words[0] !== "worker") expect(parseWords(words)).not.toHaveProperty("mistake");
      const files = Object.entries(environment).filter(([variable]) => variable.endsWith("_FILE"));
      expect(files.map(([, file]) => file.replace("/run/secrets/", ""))).toEqual(secrets);
      for (const [variable, text] of Object.entries(environment))
        if (!variable.endsWith("_FILE")) expect(text, variable).not.toMatch(/password|postgres:/);
      expect(Object.keys(environment).filter((variable) => !read.includes(variable))).toEqual([]);
    },
  );

  it("makes each secret that is named, readable by the containers alone, and none twice", () => {
    cpSync(path.join(FOLDER, "make-secrets.sh"), path.join(scratch, "make-secrets.sh"));
    const make = () =>
      execFileSync("sh", [path.join(scratch, "make-secrets.sh")], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], OPENAI_API_KEY: "key" },
      });
    make();
    const folder = path.join(scratch, "secrets");
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(compose.secrets!).toSorted());
    expect(Object.values(compose.secrets!).map(({ file }) => path.join(scratch, file))).toEqual(
      Object.keys(compose.secrets!).map((name) => path.join(folder, name)),
    );
    const before = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
    expect(make()).toBe("");
    expect(readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"))).toEqual(before);
    const config = readConfig(
      {
        DATABASE_URL_FILE: path.join(folder, "worker_url"),
        OPENAI_API_KEY_FILE: path.join(folder, "openai_key"),
      },
      scratch,
    );
    expect(config.databaseUrl).toMatch(/^postgres:\/\/sluice_worker:[0-9a-f]{48}@postgres:5432\/sluice$/);
    expect(config.openai.apiKey).toBe("key");
  });

  it("makes the logins of every role before the migration, whose owner may create none", () => {
    const script = readFileSync(path.join(FOLDER, "postgres/create-roles.sh"), "utf8");
    for (const kind of ROLE_KINDS) expect(script).toContain(`create role sluice_${kind} login`);
    expect(script).not.toMatch(/superuser|createrole/);
  });

  it("mounts only files that are there", () => {
    for (const [, { volumes = [] }] of services)
      for (const volume of volumes) {
        const [from = ""] = volume.split(":");
        if (from.startsWith(".")) expect(existsSync(path.join(FOLDER, from)), from).toBe(true);
        else expect(compose.volumes).toHaveProperty([from]);
      }
  });
});
