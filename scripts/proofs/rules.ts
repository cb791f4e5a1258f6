import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Finding, found, whole } from "../finding.ts";
import { goTool } from "../go-tool.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "deploy", "prometheus");

/** `npm run prove -- rules`: Prometheus' own promtool takes the alerts, and their unit tests come out as they say. */
export function prove(): Finding {
  const promtool = goTool({ package: "github.com/prometheus/prometheus/cmd/promtool", version: "v0.305.0" });
  return whole(
    [
      ["check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"],
      ["test", "rules", "rules.test.yaml"],
    ].map((words) => {
      const { status, stdout, stderr } = spawnSync(promtool, words, { cwd: FOLDER, encoding: "utf8" });
      const said = `${stdout}${stderr}`.trim();
      return found(status === 0 ? "holds" : "VIOLATED", `promtool ${words.join(" ")}\n${said}`);
    }),
  );
}
