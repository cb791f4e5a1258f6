import { counted } from "../../../domain/text/counted.ts";
import type { SyncApplied } from "../../../domain/shapes/syncing.ts";
import { applySync, saidStart } from "../../../gitops/apply-sync.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { EXIT, exitCodeOf } from "../../../terminal/exit-codes.ts";
import type { CommandContext } from "../../context.ts";
import { allowedSecret } from "../../parsing/allowed-secret.ts";
import type { Given } from "../../parsing/given.ts";
import type { Until } from "../rollouts/reached.ts";
import { followApplied } from "./follow-applied.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync apply">): Promise<number> {
  const { output, cwd, config } = context;
  const repository = await openRepository(cwd, given.text("file"));
  const until = given.text("wait") as Until | undefined;
  return withRepositoryStore(context, repository, async (sluice) => {
    const applied = await applySync(sluice, repository, cwd, {
      message: given.text("message"),
      uncommitted: given.flag("uncommitted"),
      again: given.flag("again"),
      branch: given.text("branch"),
      takeOver: given.flag("takeOver"),
      allowSecret: allowedSecret(given),
      providersFile: config.providersFile,
      onProgress: (line) => output.progress(line),
    });
    const code = until === undefined ? EXIT.yes : await followApplied(context, sluice, applied, until);
    output.result(applied, () => lines(applied));
    const failed = applied.started.find((one) => "problem" in one);
    return failed && "problem" in failed ? exitCodeOf(failed.problem.code) : code;
  });
}

function lines({ versions, policies, started, waiting, repository }: SyncApplied): string[] {
  const made = versions.filter(({ created }) => created);
  return [
    ...made.map(({ prompt, version, path }) => `${prompt}@${version} made from ${path}`),
    ...policies.map((prompt) => `${prompt}: its policy was pushed; it holds for rollouts from now on`),
    ...started.map(saidStart),
    ...waiting.map(({ version, environment, from }) => `${environment}: ${version} waits for ${from}`),
    ...(waiting.length > 0 && repository === null
      ? ["what waits does not go on by itself: this is no commit that could be published; apply again later"]
      : []),
    `${counted(versions.length, "prompt")}: ${counted(made.length, "version")} made, ${counted(started.filter((one) => "rolloutId" in one && !one.joined).length, "rollout")} started, ${waiting.length} waiting`,
  ];
}
