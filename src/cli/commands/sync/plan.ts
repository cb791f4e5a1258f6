import { hasChanges } from "../../../gitops/said-step.ts";
import { syncPlanMarkdown } from "../../../gitops/plan-markdown.ts";
import { openRepository } from "../../../gitops/open-repository.ts";
import { planSync } from "../../../gitops/plan-sync.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { syncPlanLines } from "../../showing/sync-lines.ts";
import { withRepositoryStore } from "./repository-store.ts";

export async function run(context: CommandContext, given: Given<"sync plan">): Promise<number> {
  const { output, cwd } = context;
  const repository = await openRepository(cwd, given.text("file"));
  const plan = await withRepositoryStore(context, repository, async (sluice) =>
    planSync(sluice, repository, cwd, { sluice, providers: await configureProviders(context.config) }),
  );
  if (given.flag("markdown")) output.fileResult(plan, () => syncPlanMarkdown(plan));
  else output.result(plan, () => syncPlanLines(plan, { all: given.flag("all") }, output));
  if (plan.problems.length > 0) return EXIT.usage;
  return hasChanges(plan) ? EXIT.changes : EXIT.yes;
}
