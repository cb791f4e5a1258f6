import { basename, join } from "node:path";
import type { Sluice } from "../client/sluice.ts";
import { digestJson } from "../digest.ts";
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
import type { Repository } from "./open-repository.ts";
import { planSync, type SyncReading } from "./plan-sync.ts";
import { saidPlace } from "./said-step.ts";

export interface ApplyOptions {
  /** Of new versions; says the commit when absent. */
  readonly message?: string | undefined;
  /** Also files whose content no commit has. */
  readonly uncommitted?: boolean;
  /** Also what was tried in an environment, and refused. */
  readonly again?: boolean;
  readonly allowSecret?: string | undefined;
  readonly providersFile?: string | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Does what a plan says: makes the versions, and starts the rollouts that nothing stands in the way of. The same
 * commit applied again, or from elsewhere at once, starts nothing twice. Nothing is done while a file cannot be
 * taken; a rollout that cannot be started is in the answer, and keeps no other one from being started.
 *
 * @param cwd where paths are from
 */
export async function applySync(
  sluice: SyncReading & Pick<Sluice, "pushFiles" | "start">,
  repository: Repository,
  cwd: string,
  options: ApplyOptions = {},
): Promise<SyncApplied> {
  const before = await planSync(sluice, repository, cwd);
  refuseWhatIsUnfit(before, options);
  const changed = before.prompts.filter(({ version }) => version === null);
  const commit = before.commit;
  if (changed.length > 0)
    await sluice.pushFiles([...new Set(changed.map(({ path }) => path))], {
      message: options.message ?? (commit === null ? undefined : `commit ${commit.slice(0, 12)}`),
      allowSecret: options.allowSecret,
      providersFile: options.providersFile,
    });
  // The versions have their numbers now, and somebody else may have applied the same meanwhile.
  const plan = changed.length > 0 ? await planSync(sluice, repository, cwd) : before;
  const started: AppliedStart[] = [];
  for (const planned of plan.prompts)
    for (const environment of planned.environments) {
      const isDue = environment.step === "start" || (options.again && environment.step === "refused");
      if (!isDue) continue;
      const one = await start(sluice, repository, planned, environment, commit, options);
      options.onProgress?.(saidStart(one));
      started.push(one);
    }
  return {
    file: plan.file,
    commit,
    versions: plan.prompts.map(({ prompt, version, path }) => ({
      prompt,
      version: version!,
      path,
      created: changed.some((one) => one.prompt === prompt),
    })),
    started,
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
  { environment, label, model, tenant }: PlannedEnvironment,
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
      // The same content for the same commit is one rollout, whoever asks and how often.
      requestId: `sync-${digestJson([commit, name, label, model, tenant]).slice(0, 32)}`,
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
