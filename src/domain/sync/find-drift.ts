import { describePlace } from "../scope.ts";
import type { ListedPointer } from "../shapes/pointers.ts";
import type { Drift, PlannedEnvironment, PlannedPrompt } from "../shapes/syncing.ts";

/** Of a plan, all that drift is seen by. */
export interface ComparedPrompts {
  readonly prompts: readonly ComparedPrompt[];
  /** Files that cannot be read. */
  readonly problems: readonly unknown[];
}

export type ComparedPrompt = Pick<
  PlannedPrompt,
  "prompt" | "path" | "state" | "version" | "newest" | "environments"
>;

/**
 * Where what is served is not what the files of a plan say. An environment that waits for another one is not
 * behind, and neither is one where a rollout of the file's content is under way.
 *
 * @param pointers of the whole store
 * @param others prompts that come from another repository
 */
export function findDrift(
  plan: ComparedPrompts,
  environments: readonly { readonly name: string; readonly label: string }[],
  pointers: readonly ListedPointer[],
  others: ReadonlySet<string> = new Set(),
): Drift[] {
  const drifts = plan.prompts.flatMap((planned) => {
    const found = planned.environments.flatMap((environment) => driftOf(planned, environment));
    return found.some(({ kind }) => kind === "store_ahead") ? found : [...found, ...madeElsewhere(planned)];
  });
  return [...drifts, ...unknownPrompts(plan, environments, pointers, others)];
}

function driftOf(planned: ComparedPrompt, environment: PlannedEnvironment): Drift[] {
  const { prompt, path, version } = planned;
  const { step, live, label, model, tenant, outcome, rolloutId } = environment;
  const place = { prompt, path, environment: environment.environment, label, model, tenant, live, rolloutId };
  const where = describePlace(environment);
  const file = version === null ? path : `${prompt}@${version} (${path})`;
  switch (step) {
    case "live":
    case "running":
    case "wait":
      return [];
    case "refused":
      return [
        {
          ...place,
          kind: "refused",
          message: `${where}: ${file} was tried and ${(outcome ?? "refused").replaceAll("_", " ")}; ${live ?? "nothing"} is served`,
        },
      ];
    case "older":
      return [
        {
          ...place,
          kind: "store_ahead",
          message: `${where}: ${live} is served, which is newer than ${file}`,
        },
      ];
    case "start":
      return [
        {
          ...place,
          kind: "git_ahead",
          message: `${where}: ${file} is not served yet; ${live ?? "nothing"} is`,
        },
      ];
  }
}

/** A newer version than the file's, which no file has and nothing serves yet. */
function madeElsewhere({ prompt, path, state, version, newest }: ComparedPrompt): Drift[] {
  if (state !== "older") return [];
  const nowhere = { environment: null, label: null, model: null, tenant: null, live: null, rolloutId: null };
  const message = `${newest} is newer than ${path}, which says what ${prompt}@${version} does; it was made elsewhere, or the branch has gone back`;
  return [{ kind: "store_ahead", prompt, path, ...nowhere, message }];
}

function unknownPrompts(
  { prompts, problems }: ComparedPrompts,
  environments: readonly { readonly name: string; readonly label: string }[],
  pointers: readonly ListedPointer[],
  others: ReadonlySet<string>,
): Drift[] {
  // A file that cannot be read may be the one that is missed.
  if (problems.length > 0) return [];
  const known = new Set(prompts.map(({ prompt }) => prompt));
  return pointers.flatMap((pointer): Drift[] => {
    const { prompt, label, model, tenant, active, rolloutId } = pointer;
    const environment = environments.find((one) => one.label === label);
    if (prompt === null || active === null || environment === undefined) return [];
    if (known.has(prompt) || others.has(prompt)) return [];
    return [
      {
        kind: "unknown",
        prompt,
        path: null,
        environment: environment.name,
        label,
        model,
        tenant,
        live: active,
        rolloutId,
        message: `${describePlace({ label, model, tenant })}: ${active} is served, and no file holds the prompt`,
      },
    ];
  });
}
