import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { cacheFolder } from "../src/files/cache-folder.ts";

/** A program that a proof runs and no project needs: built once from its Go module, and kept with what a machine makes once. */
export interface GoTool {
  /** Its package, `helm.sh/helm/v3/cmd/helm`. */
  readonly package: string;
  /** Of its module, `v3.18.4`. */
  readonly version: string;
  /** A program of one file that uses it, where the package is none itself. */
  readonly program?: string;
}

/** The path of the program. Fails with Go's own words where it cannot be built. */
export function goTool(tool: GoTool): string {
  const name = basename(tool.program ?? tool.package, ".go");
  const folder = cacheFolder((variable) => process.env[variable]);
  const target = join(folder, `${name}-${tool.version}`, name);
  if (existsSync(target)) return target;
  process.stdout.write(`building ${name} ${tool.version} with Go, once\n`);
  inModuleWith(tool, (module) => {
    const built = join(module, "built");
    if (tool.program !== undefined) {
      copyFileSync(tool.program, join(module, "main.go"));
      execFileSync("go", ["mod", "tidy"], { cwd: module, stdio: "inherit" });
    }
    const what = tool.program === undefined ? tool.package : ".";
    execFileSync("go", ["build", "-o", built, what], { cwd: module, stdio: "inherit" });
    mkdirSync(join(target, ".."), { recursive: true });
    renameSync(built, target);
  });
  return target;
}

/** Where Go keeps the sources of a module, `github.com/kedacore/keda/v2`. */
export function goModule(path: string, version: string): string {
  const printed = execFileSync("go", ["mod", "download", "-json", `${path}@${version}`], {
    encoding: "utf8",
    env: { ...process.env, GOFLAGS: "-mod=mod" },
    cwd: tmpdir(),
  });
  return (JSON.parse(printed) as { readonly Dir: string }).Dir;
}

/** A module of its own: `go install` refuses those whose go.mod replaces others. */
function inModuleWith(tool: GoTool, work: (folder: string) => void): void {
  const cache = cacheFolder((variable) => process.env[variable]);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "go-tool-"));
  const go = (...words: string[]) => execFileSync("go", words, { cwd: folder, stdio: "inherit" });
  try {
    go("mod", "init", "sluice.example/tool");
    go("get", `${tool.package}@${tool.version}`);
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
