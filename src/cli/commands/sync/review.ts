import { basename, join } from "node:path";
import { writeNamedFile } from "../../../files/write-named-file.ts";
import { loadRunner } from "../../../config.ts";
import { invalidInput, SluiceError } from "../../../domain/errors.ts";
import type { Review, ReviewVerdict } from "../../../domain/shapes/reviewing.ts";
import type { SyncPlan } from "../../../domain/shapes/syncing.ts";
import { junitReports } from "../../../evaluation/reports/junit.ts";
import { openRepository, type Repository } from "../../../gitops/open-repository.ts";
import { planSync } from "../../../gitops/plan-sync.ts";
import { annotationsOf } from "../../../review/annotations.ts";
import { changedPrompts } from "../../../review/changed-prompts.ts";
import { keepResults } from "../../../review/kept-results.ts";
import { type Published, publishReview } from "../../../review/publish-review.ts";
import { reviewMarkdown } from "../../../review/review-markdown.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { configureProviders } from "../../../use-cases/configure-providers.ts";
import { loadPromptPolicy } from "../../../use-cases/load-policy.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { reviewLines } from "../../showing/review-lines.ts";
import { withSluice } from "../../store.ts";
import { type ReviewedChanges, reviewChanged } from "./review-changed.ts";

export async function run(context: CommandContext, given: Given<"sync review">): Promise<number> {
  const { output, cwd, config } = context;
  const failOnInsufficient = readFailOn(given);
  const maxCostUsd = readMaxCost(given);
  const runner = given.flag("publish") ? await loadRunner() : undefined;
  if (given.flag("publish") && !runner)
    throw invalidInput(
      "--publish tells the pull request of a job of GitHub Actions or GitLab CI, and this is none; leave it out, and take --markdown FILE",
    );
  const base = given.text("base") ?? runner?.pullRequest?.baseCommit;
  if (base === undefined)
    throw invalidInput("--base: name the commit or branch to compare with, as in origin/main");
  const repository = await openRepository(cwd, given.text("file"));
  const { settings, folder, file } = repository;
  const policy =
    settings.policy === undefined
      ? undefined
      : await loadPromptPolicy(settings.policy, join(folder, basename(file)));
  const changes = await changedPrompts(repository, base, policy, given.flag("all"));
  context.endsItself();
  const results = given.text("results");
  const quick = given.flag("quick");
  const reviewed = await reviewChanged(context, changes.prompts, {
    quick,
    maxCostUsd,
    policy,
    memory: results === undefined ? undefined : keepResults(results),
  });
  const problems = [...repository.problems, ...reviewed.problems];
  const review: Review = {
    file,
    base: changes.base,
    commit: changes.commit,
    quick,
    verdict: verdictOf(reviewed, problems.length > 0),
    prompts: reviewed.prompts,
    ...(await planOf(context, repository)),
    problems,
    costUsd: reviewed.costUsd,
    annotations: annotationsOf(reviewed.prompts, problems, { cwd, top: changes.top }),
  };
  const dashboard = config.server?.base ?? settings.server;
  await writeReports(given, review, reviewed, dashboard);
  const published = runner && (await publishReview(review, runner, { failOnInsufficient, dashboard }));
  if (published) saySilent(context, published);
  output.result({ ...review, published: published ?? null }, () => reviewLines(review, published));
  return exitOf(review.verdict, failOnInsufficient);
}

function readFailOn(given: Given<"sync review">): boolean {
  const failOn = given.text("failOn");
  if (failOn === undefined || failOn === "fail") return false;
  if (failOn === "insufficient") return true;
  throw invalidInput(`--fail-on takes fail (the default) or insufficient, not "${failOn}"`);
}

function readMaxCost(given: Given<"sync review">): number | undefined {
  const maxCost = given.number("maxCost");
  if (maxCost !== undefined && maxCost < 0)
    throw invalidInput(`--max-cost must be an amount in US dollars from 0 on, not ${maxCost}`);
  return maxCost;
}

function verdictOf({ prompts }: ReviewedChanges, isUnusable: boolean): ReviewVerdict {
  const verdicts = prompts.map(({ gate }) => gate?.verdict ?? "insufficient");
  if (verdicts.includes("fail")) return "fail";
  if (isUnusable) return "unusable";
  if (verdicts.includes("insufficient")) return "insufficient";
  return verdicts.length > 0 ? "pass" : "unchanged";
}

function exitOf(verdict: ReviewVerdict, failOnInsufficient: boolean): number {
  if (verdict === "fail") return EXIT.no;
  if (verdict === "unusable") return EXIT.usage;
  return verdict === "insufficient" && failOnInsufficient ? EXIT.notEnough : EXIT.yes;
}

/** What merging would do, where a store is named. One that does not answer keeps no verdict back. */
async function planOf(
  context: CommandContext,
  repository: Repository,
): Promise<{ readonly plan: SyncPlan | null; readonly planProblem: string | null }> {
  const { server, databaseUrl } = context.config;
  if (server === undefined && databaseUrl === undefined) return { plan: null, planProblem: null };
  try {
    const plan = await withSluice(context, async (sluice) =>
      planSync(sluice, repository, context.cwd, {
        sluice,
        providers: await configureProviders(context.config),
      }),
    );
    return { plan, planProblem: null };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { plan: null, planProblem: error.message };
  }
}

async function writeReports(
  given: Given<"sync review">,
  review: Review,
  { reports }: ReviewedChanges,
  dashboard: string | undefined,
): Promise<void> {
  const [junit, markdown] = [given.text("junit"), given.text("markdown")];
  if (junit !== undefined) await writeNamedFile(junit, junitReports(reports));
  if (markdown !== undefined)
    await writeNamedFile(markdown, reviewMarkdown(review, { most: Infinity, dashboard }));
}

/** What could not be told, and where it stands instead. */
function saySilent({ output }: CommandContext, { comment, check, summary }: Published): void {
  const instead = summary ? "; it is in the job's summary" : "";
  if (comment && "problem" in comment) output.note(`no comment was written: ${comment.problem}${instead}`);
  if (check && "problem" in check) output.note(`no check was written: ${check.problem}`);
}
