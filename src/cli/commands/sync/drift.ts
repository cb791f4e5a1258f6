import type { DriftReport } from "../../../domain/shapes/syncing.ts";
import { findDrift } from "../../../gitops/find-drift.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { compareRepository } from "../../../gitops/plan-sync.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { driftLines } from "../../showing/sync-lines.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync drift">): Promise<number> {
  const { output, cwd } = context;
  const repository = await openRepository(cwd, given.text("file"));
  const report = await withRepositoryStore(context, repository, async (sluice): Promise<DriftReport> => {
    const { plan, pointers } = await compareRepository(sluice, repository, cwd);
    return {
      file: plan.file,
      commit: plan.commit,
      prompts: plan.prompts.length,
      drift: findDrift(plan, repository.settings.environments, pointers),
      problems: plan.problems,
    };
  });
  output.result(report, () => driftLines(report, output));
  if (report.problems.length > 0) return EXIT.usage;
  return report.drift.length > 0 ? EXIT.no : EXIT.yes;
}
