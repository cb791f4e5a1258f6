import { basename, join } from "node:path";
import pLimit from "p-limit";
import type { Sluice } from "../client/sluice.ts";
import { conflict, invalidInput, SluiceError } from "../domain/errors.ts";
import { counted } from "../domain/text/counted.ts";
import type {
  AppliedStart,
  PlannedEnvironment,
  PlannedPrompt,
  SyncApplied,
  SyncPlan,
} from "../domain/shapes/syncing.ts";
import { loadPromptPolicy, type PolicyDocument } from "../use-cases/load-policy.ts";
import { digestJson } from "../digest.ts";
import { deliveryRequestId } from "../domain/sync/delivery-request-id.ts";
import { publishCommit, type PublishOptions } from "./publish-commit.ts";
import type { Repository } from "./open-repository.ts";
import { compareRepository, PROMPTS_AT_ONCE } from "./plan-sync.ts";
import { saidPlace } from "./said-step.ts";
import type { SyncReading } from "./sync-reading.ts";

export interface ApplyOptions extends PublishOptions {
  /** Of new versions; says the commit when absent. */
  readonly message?: string | undefined;
  /** Also files whose content no commit has. */
  readonly uncommitted?: boolean;
  /** Also what was tried in an environment, and refused. */
  readonly again?: boolean;
  readonly allowSecret?: string | undefined;
  readonly providersFile?: string | undefined;
}

/**
 * Does what a plan says: publishes the commit's manifest, makes the versions, and has each that is not live everywhere
 * taken through the environments, which goes on by itself. The same commit applied again, or from elsewhere at once, starts
 * nothing twice. Nothing is done while a file cannot be taken; a rollout that cannot be started is in the answer, and keeps
 * no other one from being started. What no commit has is published nowhere, and nothing goes on with it by itself.
 *
 * @param cwd where paths are from
 */
export async function applySync(
  sluice: SyncReading & Pick<Sluice, "pushFiles" | "start" | "manifests" | "publishManifest" | "deliver">,
  repository: Repository,
  cwd: string,
  options: ApplyOptions = {},
): Promise<SyncApplied> {
  const { plan: foreseen, before } = await compareRepository(sluice, repository, cwd);
  refuseWhatIsUnfit(foreseen, options);
  const { commit, uncommitted } = foreseen;
  const manifest =
    commit === null || uncommitted.length > 0
      ? undefined
      : await publishCommit(sluice, repository, { ...foreseen, commit }, before, cwd, options);
  const changed = foreseen.prompts.filter(({ version, policyChanged }) => version === null || policyChanged);
  if (changed.length > 0)
    await sluice.pushFiles([...new Set(changed.map(({ path }) => path))], {
      message: options.message ?? (commit === null ? undefined : `commit ${commit.slice(0, 12)}`),
      allowSecret: options.allowSecret,
      providersFile: options.providersFile,
    });
  // The versions have their numbers now, and somebody else may have applied the same meanwhile.
  const { plan } =
    changed.length > 0 ? await compareRepository(sluice, repository, cwd, { before }) : { plan: foreseen };
  const starts = await pLimit(PROMPTS_AT_ONCE).map(plan.prompts, async (planned) => {
    const some = manifest
      ? await deliver(sluice, repository, planned, manifest.commit, options)
      : await startDue(sluice, repository, planned, commit, options);
    for (const one of some) options.onProgress?.(saidStart(one));
    return some;
  });
  return {
    file: plan.file,
    commit,
    repository: manifest?.repository ?? null,
    branch: manifest?.branch ?? null,
    versions: plan.prompts.map(({ prompt, version, path }) => ({
      prompt,
      version: version!,
      path,
      created: changed.some((one) => one.prompt === prompt && one.version === null),
    })),
    policies: changed.filter(({ version }) => version !== null).map(({ prompt }) => prompt),
    started: starts.flat(),
    waiting: plan.prompts.flatMap(({ prompt, version, environments }) =>
      environments
        .filter(({ step }) => step === "wait")
        .map(({ environment, from, liveForMs, liveThereSince }) => ({
          version: `${prompt}@${version}`,
          environment,
          from,
          liveForMs,
          liveThereSince,
        })),
    ),
  };
}

/** What is started although it was tried and refused, or is older than what is live: only what somebody asks for. */
function alsoOf({ again, takeOver }: ApplyOptions): ("refused" | "older")[] {
  return [...(again ? (["refused"] as const) : []), ...(takeOver ? (["older"] as const) : [])];
}

/** Has a version taken through the environments; nothing for one that has nothing to do there, or only what is refused. */
async function deliver(
  sluice: Pick<Sluice, "deliver">,
  repository: Repository,
  { prompt, environments }: PlannedPrompt,
  commit: string,
  options: ApplyOptions,
): Promise<readonly AppliedStart[]> {
  const also = alsoOf(options);
  const isOpen = ({ step }: PlannedEnvironment) =>
    step === "start" ||
    step === "running" ||
    also.some((one) => one === step) ||
    isOnItsWay(step, environments);
  if (!environments.some(isOpen)) return [];
  const policies: Record<string, PolicyDocument> = {};
  for (const { environment } of environments) {
    const policy = await policyFor(repository, prompt, environment);
    if (policy) policies[environment] = policy;
  }
  return (await sluice.deliver({ prompt, commit, policies, also })).started;
}

/** Waits for an environment that it may still get to. */
function isOnItsWay(step: PlannedEnvironment["step"], environments: readonly PlannedEnvironment[]): boolean {
  return step === "wait" && environments.some((one) => one.step === "wait" && one.liveThereSince !== null);
}

async function startDue(
  sluice: Pick<Sluice, "start">,
  repository: Repository,
  planned: PlannedPrompt,
  commit: string | null,
  options: ApplyOptions,
): Promise<AppliedStart[]> {
  const also = alsoOf(options);
  const started: AppliedStart[] = [];
  for (const environment of planned.environments)
    if (environment.step === "start" || also.some((one) => one === environment.step))
      started.push(await start(sluice, repository, planned, environment, commit, options));
  return started;
}

function refuseWhatIsUnfit({ problems, uncommitted }: SyncPlan, options: ApplyOptions): void {
  const [first, ...more] = problems;
  if (first)
    throw invalidInput(
      `${first.message}${more.length > 0 ? `, and ${counted(more.length, "more file")}` : ""}; nothing was applied: sluice sync plan shows all of it`,
      { problems },
    );
  if (uncommitted.length > 0 && !options.uncommitted)
    throw conflict(
      `not committed: ${uncommitted.join(", ")}; commit, or apply the files as they are with --uncommitted`,
      { uncommitted },
    );
}

async function start(
  sluice: Pick<Sluice, "start">,
  repository: Repository,
  { prompt, version, path }: PlannedPrompt,
  { environment, label, model, tenant, rolloutId: last }: PlannedEnvironment,
  commit: string | null,
  { again, onProgress }: ApplyOptions,
): Promise<AppliedStart> {
  const name = `${prompt}@${version}`;
  const place = { version: name, environment, label, model, tenant };
  try {
    const answer = await sluice.start({
      version: name,
      label,
      model: model ?? undefined,
      tenant: tenant ?? undefined,
      ...(await policyFor(repository, prompt, environment)),
      requestId: deliveryRequestId(
        { commit, version: name, place: { label, model, tenant }, last },
        digestJson,
      ),
      again,
      onNote: (line) => onProgress?.(`${path}: ${line}`),
    });
    return { ...place, rolloutId: answer.rolloutId, joined: answer.joined };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === "unavailable") throw error;
    return { ...place, problem: { code: error.code, message: error.message } };
  }
}

/** The environment's policy, or else the repository's for a prompt that has none of its own; undefined: the prompt's. */
async function policyFor(
  { folder, file, settings, prompts }: Repository,
  prompt: string,
  environment: string,
): Promise<PolicyDocument | undefined> {
  const own = settings.environments.find(({ name }) => name === environment)?.policy;
  const hasOne = prompts.some((one) => one.file.name === prompt && one.policy !== undefined);
  const policy = own ?? (hasOne ? undefined : settings.policy);
  if (policy === undefined) return undefined;
  return (await loadPromptPolicy(policy, join(folder, basename(file)))).written();
}

/** What became of a start, in one line. */
export function saidStart(one: AppliedStart): string {
  const at = saidPlace(one);
  if ("problem" in one) return `${at}: ${one.version} was not started: ${one.problem.message}`;
  return `${at}: rollout of ${one.version} ${one.joined ? "is the one that was started before" : "started"} (${one.rolloutId})`;
}
