import * as v from "valibot";
import { invalidInput } from "../errors.ts";
import { assertLabel } from "../names.ts";
import { parseDuration } from "../policy/quantity.ts";
import { checkSource, readSource } from "../prompt/source-document.ts";
import { normaliseModel, scopePartProblem } from "../scope.ts";
import { didYouMean } from "../text/suggestion.ts";

/** One place that a version is taken to, in the order of the file. */
export interface Environment {
  readonly name: string;
  readonly label: string;
  /** The environment in which a version has to be live first. */
  readonly from: string | undefined;
  /** How long it has to be live there, in ms. */
  readonly liveForMs: number;
  /** A path from the file's folder, or the policy itself; the prompt's own, or the repository's, when absent. */
  readonly policy: string | Readonly<Record<string, unknown>> | undefined;
  /** Where in the label; the scope of every model and tenant when nothing else is named. */
  readonly scopes: readonly { readonly model: string; readonly tenant: string }[];
}

/** `sluice.yaml`: where a repository's prompts are, and how they get to their users. */
export interface RepositoryFile {
  /** Glob patterns from the file's folder. */
  readonly prompts: readonly string[];
  readonly policy: string | Readonly<Record<string, unknown>> | undefined;
  /** `git`: nobody else saves versions or moves pointers of these prompts. */
  readonly owner: "git" | "both";
  readonly server: string | undefined;
  readonly environments: readonly Environment[];
}

const DEFAULT_PROMPTS = "prompts/**/*.yaml";

const policy = v.optional(
  v.union([v.pipe(v.string(), v.nonEmpty("name a file")), v.record(v.string(), v.unknown())]),
);
const text = v.pipe(v.string(), v.nonEmpty("must not be empty"));

export const repositoryFileSchema = v.strictObject({
  $schema: v.optional(v.string()),
  prompts: v.optional(v.union([text, v.pipe(v.array(text), v.minLength(1))]), DEFAULT_PROMPTS),
  policy,
  owner: v.optional(v.picklist(["git", "both"]), "both"),
  server: v.optional(v.pipe(v.string(), v.url("must be an address, as in https://prompts.example"))),
  environments: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        label: v.optional(text),
        policy,
        from: v.optional(text),
        live_for: v.optional(text),
        scopes: v.optional(v.array(v.strictObject({ model: v.optional(text), tenant: v.optional(text) }))),
      }),
    ),
    { production: {} },
  ),
});

/**
 * Reads `sluice.yaml`. The first thing that is wrong is `invalid_input`, `file:line:column: what`. Without
 * environments there is one, `production`.
 */
export function readRepositoryFile(source: string, name: string): RepositoryFile {
  const document = readSource(source, name);
  const file = checkSource(document, repositoryFileSchema);
  const refuse = (path: readonly (string | number)[], problem: string): never => {
    throw invalidInput(`${document.locate(path)}: ${path.join(".")}: ${problem}`, { file: name, path });
  };
  const environments: Environment[] = [];
  for (const [own, given] of Object.entries(file.environments)) {
    const at = ["environments", own];
    const label = named(given.label ?? own, (problem) =>
      refuse(given.label ? [...at, "label"] : at, problem),
    );
    const { from } = given;
    if (from !== undefined && !environments.some((other) => other.name === from))
      refuse(
        [...at, "from"],
        own === from
          ? "is the environment itself; name one that stands before it"
          : `names no environment that stands before ${own}${didYouMean(
              from,
              environments.map((other) => other.name),
            )}`,
      );
    if (given.live_for !== undefined && from === undefined)
      refuse([...at, "live_for"], "goes with `from`, the environment that a version has to be live in first");
    const liveForMs = given.live_for === undefined ? 0 : parseDuration(given.live_for);
    if (liveForMs === undefined) return refuse([...at, "live_for"], "must be a time, as in 30m, 24h or 7d");
    environments.push({
      name: own,
      label,
      from,
      liveForMs,
      policy: given.policy,
      scopes: (given.scopes ?? [{}]).map((scope, i) => {
        for (const part of ["model", "tenant"] as const) {
          const problem = scope[part] === undefined ? undefined : scopePartProblem(part, scope[part]);
          if (problem) refuse([...at, "scopes", i, part], problem);
        }
        return { model: scope.model ? normaliseModel(scope.model) : "", tenant: scope.tenant ?? "" };
      }),
    });
  }
  refuseTwice(environments, refuse);
  return {
    prompts: typeof file.prompts === "string" ? [file.prompts] : file.prompts,
    policy: file.policy,
    owner: file.owner,
    server: file.server,
    environments,
  };
}

function named(label: string, refuse: (problem: string) => never): string {
  try {
    return assertLabel(label);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** Two environments cannot be the same place: which of their policies would hold? */
function refuseTwice(
  environments: readonly Environment[],
  refuse: (path: readonly string[], problem: string) => never,
): void {
  const seen = new Map<string, string>();
  for (const { name, label, scopes } of environments)
    for (const { model, tenant } of scopes) {
      const place = JSON.stringify([label, model, tenant]);
      const other = seen.get(place);
      if (other !== undefined)
        refuse(
          ["environments", name],
          other === name
            ? "names one scope twice"
            : `is the same label and scope as ${other}; give it a label of its own`,
        );
      seen.set(place, name);
    }
}
