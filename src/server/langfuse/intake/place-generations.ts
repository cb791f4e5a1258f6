import { unitDigest } from "../../../digest.ts";
import { allowsChanging, allowsReading, type Grants } from "../../../domain/access/grants.ts";
import { MAX_VERSION, promptNameProblem } from "../../../domain/names.ts";
import { DEFAULT_LABEL, type ScopeColumns } from "../../../domain/scope.ts";
import { readToken } from "../../../resolver/serving/token.ts";
import type { RolloutArms } from "../../../storage/read/belonging.ts";
import type { LangfuseGeneration } from "../../../use-cases/record-langfuse.ts";
import type { Belonging } from "../../serving/belonging.ts";
import { bareName, type Carrier, readCarrier } from "../carrier.ts";
import type { SeenGeneration, SeenPrompt } from "./report.ts";

type Place = LangfuseGeneration["generation"];
/** Why a generation is not counted. */
type Unplaced = "unknown_prompt" | "unknown_token" | "forbidden";
type Named = Extract<SeenPrompt, { readonly name: string }>;

/** An arm that is none: Postgres refuses the exposure, and counts it with the rollout. */
const NO_ARM = "none";

/** What generations are of: version, scope, and the arm that they say; those of which nothing is known are counted. */
export async function placeGenerations(
  seen: readonly SeenGeneration[],
  grants: Grants,
  belonging: Belonging,
): Promise<{
  readonly generations: LangfuseGeneration[];
  readonly unplaced: Readonly<Record<string, number>>;
}> {
  const placer = await Placer.of(seen, grants, belonging);
  const generations: LangfuseGeneration[] = [];
  const unplaced: Record<string, number> = {};
  for (const one of seen) {
    const { trace, observation, prompt, unit, startedMs, endedMs, metrics } = one;
    const place = prompt === undefined ? {} : placer.place(prompt);
    if (typeof place === "string") {
      unplaced[place] = (unplaced[place] ?? 0) + 1;
      continue;
    }
    const digest = place.unit ?? (unit === undefined ? undefined : unitDigest(placer.tenant, unit));
    const times = {
      ...(startedMs !== undefined && { startedMs }),
      ...(endedMs !== undefined && { endedMs }),
    };
    const generation = { ...place, ...(digest !== undefined && { unit: digest }), ...times };
    generations.push({ trace, observation, adds: prompt !== undefined, generation, metrics });
  }
  return { generations, unplaced };
}

interface Known {
  /** By `NAME@N`. */
  readonly ids: ReadonlyMap<string, string>;
  /** By `NAME BEGINNING`. */
  readonly arms: ReadonlyMap<string, RolloutArms>;
  /** Of the versions of tokens, and of their rollouts. */
  readonly prompts: ReadonlyMap<string, string>;
  readonly scopes: ReadonlyMap<string, ScopeColumns>;
}

class Placer {
  readonly tenant: string;
  readonly #grants: Grants;
  readonly #known: Known;

  private constructor(grants: Grants, known: Known) {
    this.tenant = grants.langfuse?.tenant ?? "";
    this.#grants = grants;
    this.#known = known;
  }

  static async of(seen: readonly SeenGeneration[], grants: Grants, belonging: Belonging): Promise<Placer> {
    const prompts = seen.flatMap(({ prompt }) => prompt ?? []);
    const named = prompts.flatMap((one) => ("name" in one && canBe(one) ? one : []));
    const tokens = prompts.flatMap((one) => ("token" in one ? (readToken(one.token) ?? []) : []));
    return new Placer(grants, {
      ids: await belonging.idsOf(named.map(({ name, version }) => `${bareName(name)}@${version}`)),
      arms: await belonging.armsOf(named.flatMap(({ name }) => carrierKey(name) ?? [])),
      prompts: await belonging.promptsOf(tokens.flatMap(({ versionId }) => versionId ?? [])),
      scopes: await belonging.scopesOf(tokens.flatMap(({ rolloutId }) => rolloutId ?? [])),
    });
  }

  place(seen: SeenPrompt): Place | Unplaced {
    return "token" in seen ? this.#ofToken(seen.token) : this.#ofName(seen);
  }

  /** A name that carries a rollout which there is not is the name alone. */
  #ofName({ name, version: number }: Named): Place | Unplaced {
    const prompt = bareName(name);
    const version = this.#known.ids.get(`${prompt}@${number}`);
    if (version === undefined) return "unknown_prompt";
    const carrier = readCarrier(name);
    const rollout = this.#known.arms.get(carrierKey(name) ?? "");
    const label = rollout?.scope.label ?? this.#grants.labels?.[0] ?? DEFAULT_LABEL;
    const place = { label, prompt, tenant: this.tenant };
    if (!allowsChanging(this.#grants, place) || (rollout && !allowsReading(this.#grants, rollout.scope)))
      return "forbidden";
    return { ...place, version, model: "", ...(rollout && carrier && enrolled(carrier, rollout, version)) };
  }

  #ofToken(token: string): Place | Unplaced {
    const content = readToken(token);
    const prompt = this.#known.prompts.get(content?.versionId ?? "");
    if (!content?.versionId || prompt === undefined) return "unknown_token";
    const { versionId: version, label, model, tenant, rolloutId, arm, epoch, unit } = content;
    const scope = this.#known.scopes.get(rolloutId ?? "");
    const mayRollout = scope === undefined || allowsReading(this.#grants, scope);
    if (!mayRollout || !allowsChanging(this.#grants, { label, prompt, tenant })) return "forbidden";
    const isEnrolled = scope !== undefined && arm !== "unenrolled" && unit !== null && epoch !== null;
    const inArm = isEnrolled ? { rollout: rolloutId!, arm, epoch, unit } : {};
    return { version, prompt, label, model, tenant, ...inArm };
  }
}

/** Whether a name and a number can be a version's at all: the store refuses to look for others. */
function canBe({ name, version }: Named): boolean {
  return promptNameProblem(bareName(name)) === undefined && version >= 1 && version <= MAX_VERSION;
}

function carrierKey(name: string): string | undefined {
  const carrier = readCarrier(name);
  return carrier && `${bareName(name)} ${carrier.rollout}`;
}

/** A name may be made up: one that names another arm than that of the version is no exposure. */
function enrolled({ arm, epoch }: Carrier, rollout: RolloutArms, version: string): Place {
  if (arm === "unenrolled") return {};
  const served = arm === "candidate" ? rollout.candidateVersion : rollout.baselineVersion;
  return { rollout: rollout.id, arm: served === version ? arm : NO_ARM, epoch };
}
