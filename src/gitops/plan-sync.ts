import pLimit from "p-limit";
import type { Sluice } from "../client/sluice.ts";
import type { VersionLookup } from "../domain/prompt/include.ts";
import { digestJson } from "../digest.ts";
import { conflict, SluiceError } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { nextSemver } from "../domain/prompt/semantic-version.ts";
import { diffArtifacts } from "../domain/prompt/version-diff.ts";
import type { ListedPointer, PastPointer } from "../domain/shapes/pointers.ts";
import type { PlannedEnvironment, PlannedPrompt, SyncPlan } from "../domain/shapes/syncing.ts";
import type { ListedVersion, ShownVersion, VersionDiff } from "../domain/shapes/versions.ts";
import { checkVersion } from "../evaluation/checks/check-version.ts";
import type { PromptFileOnDisk } from "../use-cases/push.ts";
import { appliedBefore, type AppliedBefore } from "./applied-before.ts";
import { readCheckout } from "./checkout.ts";
import type { Providers } from "../providers/create-providers.ts";
import { estimateRollouts } from "./estimate-rollouts.ts";
import { filesOf } from "./files-of.ts";
import { findMissing } from "./find-missing.ts";
import type { FileProblem, Repository } from "./open-repository.ts";
import { rulesOf } from "./publish-commit.ts";
import { changedRules } from "../domain/sync/changed-rules.ts";
import { planEnvironments, type PromptInStore } from "../domain/sync/plan-environments.ts";
import { type SyncReading, versionOf } from "./sync-reading.ts";
import { versionsWithFiles } from "./versions-with-files.ts";
import { resolveIncludes } from "../use-cases/resolve-includes.ts";

/** What the whole store says, asked once for all prompts. */
interface Store {
  readonly newest: ReadonlyMap<string, ListedVersion>;
  /** Of the policies that were pushed with the prompts. */
  readonly policies: ReadonlyMap<string, string | null>;
  readonly pointers: readonly ListedPointer[];
  readonly since: readonly PastPointer[];
  readonly labels: PromptInStore["labels"];
  /** With those that the files would make. */
  readonly versions: VersionLookup;
}

/** Prompts that are asked about at once: as many as a command has connections. */
export const PROMPTS_AT_ONCE = 4;

/**
 * What `sync apply` would do with a repository's prompts: which versions it would make, and which rollouts it would
 * start where. Changes nothing. What is wrong with one prompt is in `problems`; the others are planned all the same.
 *
 * @param cwd where the paths of the plan are from
 */
export async function planSync(
  sluice: SyncReading,
  repository: Repository,
  cwd: string,
  estimating?: Estimating,
): Promise<SyncPlan> {
  return (await compareRepository(sluice, repository, cwd, { estimating })).plan;
}

/** For a plan that also says what its rollouts would cost and take. */
export interface Estimating {
  readonly sluice: Pick<Sluice, "usage">;
  readonly providers: Providers;
}

export interface ComparedRepository {
  readonly plan: SyncPlan;
  /** That it was made from: what each scope of the whole store serves. */
  readonly pointers: readonly ListedPointer[];
  readonly before: AppliedBefore;
}

/**
 * The same, with what it was made from.
 *
 * @param before what was applied last, where that is known already
 */
export async function compareRepository(
  sluice: SyncReading,
  repository: Repository,
  cwd: string,
  { estimating, before: known }: { estimating?: Estimating | undefined; before?: AppliedBefore } = {},
): Promise<ComparedRepository> {
  const { prompts: files, settings } = repository;
  const now = Date.now();
  const [found, away, pointers, since, labels, checkout, before] = await Promise.all([
    sluice.findPrompts(),
    sluice.findPrompts({ archived: true }),
    sluice.pointers(),
    sluice.pointersAt(new Date(now)),
    sluice.labels(),
    filesOf(repository, cwd).then((paths) => readCheckout(repository.folder, paths, cwd)),
    known ?? appliedBefore(sluice, repository.folder),
  ]);
  const newest = new Map(
    found.prompts.flatMap(({ prompt, newest }) => (newest ? [[prompt, newest] as const] : [])),
  );
  const archived = new Set(away.prompts.map(({ prompt }) => prompt));
  const policies = new Map(found.prompts.map(({ prompt, policySha256 }) => [prompt, policySha256] as const));
  const versions = versionsWithFiles(
    sluice,
    files.map(({ file }) => file),
    newest,
  );
  const store: Store = { newest, policies, pointers, since, labels, versions };
  const planOne = async (file: PromptFileOnDisk): Promise<PlannedPrompt | FileProblem> => {
    try {
      if (archived.has(file.file.name))
        throw conflict(
          `${file.path}: ${file.file.name} is archived, and nothing archived is rolled out; take it out again (sluice unarchive ${file.file.name} --reason …), or remove the file`,
        );
      const { plan, ...artifacts } = await planPrompt(sluice, file, settings.environments, store, now);
      const estimates = estimating
        ? await estimateRollouts({ ...estimating, repository, now }, file, plan, artifacts)
        : [];
      return { ...plan, estimates };
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
      return { path: file.path, message: error.message };
    }
  };
  const each = await pLimit(PROMPTS_AT_ONCE).map(files, planOne);
  const planned = each.filter((one) => "prompt" in one);
  const problems = [...repository.problems, ...each.filter((one) => "message" in one)];
  const missing = await findMissing(repository, planned, pointers, newest, before.manifest);
  const prompts = planned.toSorted((a, b) => (a.prompt < b.prompt ? -1 : 1));
  const { applied, manifest } = before;
  const rules = manifest ? changedRules(manifest, rulesOf(settings)) : [];
  return {
    plan: { file: repository.file, ...checkout, applied, rules, prompts, missing, problems },
    pointers,
    before,
  };
}

interface PlannedArtifacts {
  readonly plan: Omit<PlannedPrompt, "estimates">;
  readonly artifact: Artifact;
  /** What it is compared with. */
  readonly live: Artifact | undefined;
}

async function planPrompt(
  sluice: SyncReading,
  { path, file, policy }: PromptFileOnDisk,
  environments: Repository["settings"]["environments"],
  store: Store,
  now: number,
): Promise<PlannedArtifacts> {
  const prompt = file.name;
  const artifact = await resolveIncludes(store.versions, file);
  const sha256 = digestJson(artifact);
  const newest = store.newest.get(prompt);
  const version = newest && (await versionOf(sluice, prompt, sha256, newest));
  const { pointers, since, labels } = store;
  const plan = (rollouts: PromptInStore["rollouts"]) =>
    planEnvironments(
      environments,
      prompt,
      version?.version ?? null,
      { pointers, since, labels, rollouts },
      (then) => now - Date.parse(then),
    );
  const quick = plan([]);
  // Most prompts of most plans are live everywhere: nothing more is asked for them.
  const isSettled = version !== undefined && quick.every(({ step }) => step === "live");
  const planned = isSettled || newest === undefined ? quick : plan(await sluice.rollouts({ prompt }));
  const before = newest && !isSettled ? await sluice.show(comparedWith(planned) ?? prompt) : undefined;
  const isNew = newest !== undefined && version === undefined;
  // What a semantic version goes on from is the newest version, whichever is live.
  const last = isNew ? (before?.version === newest.version ? before : await sluice.show(prompt)) : undefined;
  const { callers } = isNew ? await sluice.callers({ prompt }) : { callers: [] };
  const { findings, tokens } = isSettled
    ? { findings: [], tokens: version.tokens }
    : await checkVersion({ candidate: artifact, live: before?.artifact, callers, strict: false });
  const made = {
    prompt,
    path,
    sha256,
    state: stateOf(newest, version),
    newest: newest ? `${prompt}@${newest.version}` : null,
    version: version?.version ?? null,
    semver: version?.semver ?? nextSemver(last, artifact),
    policyChanged:
      version !== undefined &&
      policy !== undefined &&
      digestJson(policy.policy) !== store.policies.get(prompt),
    diff: before && before.sha256 !== sha256 ? diffOf(before, path, artifact, tokens) : null,
    findings,
    tokens,
    environments: planned,
  };
  return { plan: made, artifact, live: before?.artifact };
}

function stateOf(
  newest: ListedVersion | undefined,
  version: ListedVersion | undefined,
): PlannedPrompt["state"] {
  if (newest === undefined) return "new";
  if (version === undefined) return "changed";
  return version.version === newest.version ? "same" : "older";
}

/** The version that users get now, where the first rollout would be. */
function comparedWith(planned: readonly PlannedEnvironment[]): string | undefined {
  return (
    (
      planned.find(({ step, live }) => step !== "live" && live !== null) ??
      planned.find(({ live }) => live !== null)
    )?.live ?? undefined
  );
}

function diffOf(before: ShownVersion, path: string, artifact: Artifact, tokens: number): VersionDiff {
  const changes = diffArtifacts(before.artifact, artifact);
  return {
    from: `${before.prompt}@${before.version}`,
    to: path,
    same: changes.length === 0,
    tokens: { before: before.tokens, after: tokens },
    changes,
  };
}
