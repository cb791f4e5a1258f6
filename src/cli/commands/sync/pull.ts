import { assertPromptName } from "../../../domain/names.ts";
import type { SyncPulled } from "../../../domain/shapes/syncing.ts";
import { counted } from "../../../domain/text/counted.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { pullVersions } from "../../../gitops/pull-versions.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync pull">): Promise<number> {
  const { output, cwd } = context;
  const prompts = given.rest(0).map((name) => assertPromptName(name));
  const repository = await openRepository(cwd, given.text("file"));
  const pulled = await withRepositoryStore(context, repository, (sluice) =>
    pullVersions(sluice, repository, cwd, {
      prompts,
      branch: given.text("branch"),
      commit: given.flag("commit"),
    }),
  );
  output.result(pulled, () => lines(pulled));
  return pulled.left.length > 0 ? EXIT.conflict : EXIT.yes;
}

function lines({ pulled, left, commit, branch }: SyncPulled): string[] {
  return [
    ...pulled.map(
      ({ prompt, version, author, path, isNew }) =>
        `${path}: ${prompt}@${version} by ${author}${isNew ? ", a new file" : ""}`,
    ),
    ...left.map(({ message }) => message),
    `${counted(pulled.length, "version")} pulled${branch === null ? "" : ` on branch ${branch}`}${commit === null ? "" : `, commit ${commit.slice(0, 12)}`}`,
  ];
}
