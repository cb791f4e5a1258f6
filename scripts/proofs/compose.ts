import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Finding, found, whole } from "../finding.ts";
import { goTool } from "../go-tool.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FILES = ["docker-compose.yml", "deploy/compose/compose.yaml"];
/** What the loader has to refuse, or that it takes the files would mean nothing: a text of the second, and another for it. */
const REFUSED = [
  ["a misspelt key", "healthcheck:", "healthchek:"],
  ["a value of another kind", "replicas: 2", "replicas: two"],
  ["a secret that is not declared", "secrets: [server_url]", "secrets: [servr_url]"],
  ["a network that is not declared", "networks: [inside]", "networks: [insde]"],
  ["waiting for what is not there", "postgres: { condition", "postgress: { condition"],
] as const;

/**
 * `npm run prove -- compose`: Docker Compose's own loader takes the compositions: their form by the Compose
 * specification's schema, and that each service, network, volume and secret that is named is there. No container is
 * started: that needs Docker.
 */
export function prove(): Finding {
  const loader = goTool({
    package: "github.com/compose-spec/compose-go/v2/cli",
    version: "v2.9.1",
    program: join(import.meta.dirname, "compose", "load-composition.go"),
  });
  const load = (file: string) => {
    const { status, stdout, stderr } = spawnSync(loader, [basename(file)], {
      cwd: dirname(file),
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    return { ok: status === 0, text: status === 0 ? stdout : `${stdout}${stderr}`.trim() };
  };
  const taken = FILES.map((file) => {
    const { ok, text } = load(join(ROOT, file));
    return found(ok ? "holds" : "VIOLATED", `${file} is taken${ok ? "" : `: ${text}`}`);
  });
  const folder = mkdtempSync(join(tmpdir(), "sluice-compose-"));
  const text = readFileSync(join(ROOT, FILES[1]!), "utf8");
  const refused = REFUSED.map(([what, from, to]) => {
    const file = join(folder, "compose.yaml");
    writeFileSync(file, text.replace(from, to));
    const loaded = load(file);
    const isRefused = text.includes(from) && !loaded.ok;
    return found(
      isRefused ? "holds" : "VIOLATED",
      `${what} is refused: ${loaded.ok ? "NOT" : loaded.text.split("\n").at(-1)}`,
    );
  });
  rmSync(folder, { recursive: true, force: true });
  return whole([...taken, ...refused]);
}
