import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { starterFiles } from "../../src/cli/commands/starting/starter-files.ts";
import { found, type Finding, whole } from "../finding.ts";
import { goTool } from "../go-tool.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ACTIONLINT = { package: "github.com/rhysd/actionlint/cmd/actionlint", version: "v1.7.12" };
const WORKFLOWS = ".github/workflows";

/**
 * actionlint takes the workflow that `sluice init` writes, and that of docs/reference/ci.md with this repository's own
 * action.yml: expressions, inputs, permissions and the shells' text.
 */
export function prove(): Finding {
  const folder = mkdtempSync(join(tmpdir(), "sluice-workflows-"));
  try {
    const actionlint = goTool(ACTIONLINT);
    const repository = join(folder, "repository");
    const lint = (file: string, isGood: boolean) => judge(actionlint, repository, file, isGood);
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), text);
    };
    write(`${WORKFLOWS}/prompts.yml`, starterFiles()[`${WORKFLOWS}/prompts.yml`]!);
    const page = readFileSync(join(ROOT, "docs/reference/ci.md"), "utf8");
    const told = /```yaml\n(name: prompts\n[\s\S]*?)```/.exec(page)?.[1] ?? "";
    write(`${WORKFLOWS}/told.yml`, told.replace("OWNER/sluice@COMMIT", "./sluice"));
    mkdirSync(join(repository, "sluice"));
    for (const part of ["action.yml", "action"])
      cpSync(join(ROOT, part), join(repository, "sluice", part), { recursive: true });
    execFileSync("git", ["init", "-q"], { cwd: repository });
    const wrong =
      "jobs: { a: { runs-on: ubuntu-latest, steps: [{ uses: ./sluice, with: { mdoe: review } }] } }\n";
    return whole([
      lint(`${WORKFLOWS}/prompts.yml`, true),
      lint(`${WORKFLOWS}/told.yml`, true),
      // It would find what it is asked for.
      (write(`${WORKFLOWS}/wrong.yml`, `on: push\n${wrong}`), lint(`${WORKFLOWS}/wrong.yml`, false)),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(actionlint: string, repository: string, file: string, isGood: boolean): Finding {
  const ran = spawnSync(actionlint, ["-no-color", file], { cwd: repository, encoding: "utf8" });
  const said = ran.status === 0 ? "nothing is wrong" : ran.stdout.split("\n")[0]!;
  return found((ran.status === 0) === isGood ? "holds" : "VIOLATED", `${file}: ${said}`);
}
