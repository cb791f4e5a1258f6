import { counted } from "../../../domain/text/counted.ts";
import type { SyncApplied } from "../../../domain/shapes/syncing.ts";
import { applySync, saidStart } from "../../../gitops/apply-sync.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { EXIT, exitCodeOf } from "../../../terminal/exit-codes.ts";
import type { CommandContext } from "../../context.ts";
import { allowedSecret } from "../../parsing/allowed-secret.ts";
import type { Given } from "../../parsing/given.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync apply">): Promise<number> {
  const { output, cwd, config } = context;
  const repository = await openRepository(cwd, given.text("file"));
  const applied = await withRepositoryStore(context, repository, (sluice) =>
    applySync(sluice, repository, cwd, {
      message: given.text("message"),
      uncommitted: given.flag("uncommitted"),
      again: given.flag("again"),
      allowSecret: allowedSecret(given),
      providersFile: config.providersFile,
      onProgress: (line) => output.progress(line),
    }),
  );
  output.result(applied, () => lines(applied));
  const failed = applied.started.find((one) => "problem" in one);
  return failed && "problem" in failed ? exitCodeOf(failed.problem.code) : EXIT.yes;
}

function lines({ versions, started, waiting }: SyncApplied): string[] {
  const made = versions.filter(({ created }) => created);
  return [
    ...made.map(({ prompt, version, path }) => `${prompt}@${version} made from ${path}`),
    ...started.map(saidStart),
    ...waiting.map(({ version, environment, from }) => `${environment}: ${version} waits for ${from}`),
    `${counted(versions.length, "prompt")}: ${counted(made.length, "version")} made, ${counted(started.filter((one) => "rolloutId" in one && !one.joined).length, "rollout")} started, ${waiting.length} waiting`,
  ];
}
