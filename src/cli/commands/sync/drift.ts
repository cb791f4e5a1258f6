import type { DriftReport } from "../../../domain/shapes/syncing.ts";
import { findDrift } from "../../../domain/sync/find-drift.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { compareRepository } from "../../../gitops/plan-sync.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";
import { driftLines, seenDriftLines } from "../../showing/sync-lines.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync drift">): Promise<number> {
  const { output, cwd } = context;
  if (given.flag("published")) {
    const seen = await withSluice(context, (sluice) => sluice.drift());
    output.result(seen, () => seenDriftLines(seen, output));
    return seen.drift.length > 0 ? EXIT.no : EXIT.yes;
  }
  const repository = await openRepository(cwd, given.text("file"));
  const report = await withRepositoryStore(context, repository, async (sluice): Promise<DriftReport> => {
    const { plan, pointers } = await compareRepository(sluice, repository, cwd);
    const own = new Set(plan.prompts.map(({ prompt }) => prompt));
    const published = (await sluice.manifests()).filter(
      ({ prompts }) => !prompts.some((one) => own.has(one.prompt)),
    );
    const others = new Set(published.flatMap(({ prompts }) => prompts.map(({ prompt }) => prompt)));
    return {
      file: plan.file,
      commit: plan.commit,
      prompts: plan.prompts.length,
      drift: findDrift(plan, repository.settings.environments, pointers, others),
      problems: plan.problems,
    };
  });
  output.result(report, () => driftLines(report, output));
  if (report.problems.length > 0) return EXIT.usage;
  return report.drift.length > 0 ? EXIT.no : EXIT.yes;
}
