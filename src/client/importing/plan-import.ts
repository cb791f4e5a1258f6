import { digestJson } from "../../digest.ts";
import { SluiceError } from "../../domain/errors.ts";
import { promptNameProblem } from "../../domain/names.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { ImportProblem } from "../../domain/shapes/importing.ts";
import type { ListedVersion } from "../../domain/shapes/versions.ts";
import { secretsIn } from "../../evaluation/checks/secrets.ts";
import { loadPromptFile } from "../../templates/load-prompt-file.ts";
import type { ImportRequest } from "../exchange-requests.ts";
import { type IncomingVersion, nameThere } from "./incoming.ts";
import { type Names, nameHere } from "./names-here.ts";

/** A version, and what is to be done with it. */
export interface PlannedVersion {
  readonly incoming: IncomingVersion;
  /** Its name here, and the number that it has or would get. */
  readonly prompt: string;
  readonly number: number;
  /** Null: there is a version of this content. */
  readonly file: Readonly<Record<string, unknown>> | null;
}

export interface ImportPlan {
  /** In the order in which they can be pushed. */
  readonly versions: readonly PlannedVersion[];
  readonly problems: readonly ImportProblem[];
  /** By the name here, how many versions there were of others before. */
  readonly alreadyHere: ReadonlyMap<string, number>;
}

/** The versions of a prompt that are there; none where there is no such prompt. */
export type VersionsHere = (prompt: string) => Promise<readonly ListedVersion[]>;

/** What an import comes to: the number of each version, what is there already, and everything that cannot be taken. */
export async function planImport(
  incoming: readonly IncomingVersion[],
  request: ImportRequest,
  versionsHere: VersionsHere,
): Promise<ImportPlan> {
  const names: Names = nameHere(
    incoming.map(({ name }) => name),
    request,
  );
  const problems: ImportProblem[] = [...names.problems];
  const here = new Map<string, PromptHere>();
  const planned = new Map<string, PlannedVersion>();
  for (const one of inOrder(incoming)) {
    const prompt = names.here.get(one.name);
    if (prompt === undefined) continue;
    request.signal?.throwIfAborted();
    const place = here.get(prompt) ?? (await promptHere(prompt, versionsHere));
    here.set(prompt, place);
    try {
      planned.set(nameThere(one), await planVersion(one, prompt, place, request, planned));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      problems.push({ from: one.name, version: one.number, problem: said(error), proposedName: null });
    }
  }
  const alreadyHere = [...here].map(([prompt, { others }]) => [prompt, others.size] as const);
  return { versions: [...planned.values()], problems, alreadyHere: new Map(alreadyHere) };
}

/** With what an import can do about it. */
function said({ message, details }: SluiceError): string {
  const isOfModel = String(details["at"]).endsWith(".config.model");
  return isOfModel ? `${message}, or say which it is: --model openai/gpt-5.4-mini` : message;
}

/** Each prompt's versions from the oldest on, the prompts' order kept: what includes another comes after it. */
function inOrder(incoming: readonly IncomingVersion[]): IncomingVersion[] {
  const waiting = new Map<string, IncomingVersion[]>();
  for (const one of incoming) waiting.set(one.name, [...(waiting.get(one.name) ?? []), one]);
  for (const [name, versions] of waiting)
    waiting.set(
      name,
      versions.toSorted((a, b) => a.number - b.number),
    );
  return incoming.map(({ name }) => waiting.get(name)!.shift()!);
}

interface PromptHere {
  /** By content, the numbers that there are and that there will be. */
  readonly numbers: Map<string, number>;
  /** Of what was there and is not brought in. */
  readonly others: Set<string>;
  newest: number;
  before: Artifact | undefined;
}

async function promptHere(prompt: string, versionsHere: VersionsHere): Promise<PromptHere> {
  const versions = await versionsHere(prompt);
  return {
    numbers: new Map(versions.map(({ sha256, version }) => [sha256, version])),
    others: new Set(versions.map(({ sha256 }) => sha256)),
    newest: Math.max(0, ...versions.map(({ version }) => version)),
    before: undefined,
  };
}

async function planVersion(
  incoming: IncomingVersion,
  prompt: string,
  place: PromptHere,
  { model, allowSecret }: ImportRequest,
  planned: ReadonlyMap<string, PlannedVersion>,
): Promise<PlannedVersion> {
  const referenceTo = (version: string) => {
    const found = planned.get(version);
    return found ? `${found.prompt}@${found.number}` : version;
  };
  const file = incoming.fileOf({ prompt, before: place.before, model, referenceTo });
  const { artifact, includes } = checked(file, nameThere(incoming));
  place.before = artifact;
  // Only the store knows what an included text makes of it.
  const sha256 = includes ? (incoming.sha256 ?? "") : digestJson(artifact);
  place.others.delete(sha256);
  const known = place.numbers.get(sha256);
  if (known !== undefined) return { incoming, prompt, number: known, file: null };
  const [secret] = allowSecret === undefined ? await secretsIn(artifact) : [];
  if (secret)
    throw new SluiceError(
      "invalid_input",
      `${nameThere(incoming)}: ${secret.place} contains what looks like a secret: ${secret.kind}; leave the version out (--skip), or import it with --allow-secret and --reason TEXT`,
    );
  place.newest++;
  place.numbers.set(sha256 || nameThere(incoming), place.newest);
  return { incoming, prompt, number: place.newest, file };
}

/** Where something stands in a file that was made here helps nobody. */
function checked(file: Readonly<Record<string, unknown>>, name: string) {
  const problem = typeof file["name"] === "string" ? promptNameProblem(file["name"]) : undefined;
  if (problem) throw new SluiceError("invalid_input", problem);
  try {
    return loadPromptFile(JSON.stringify(file, null, 2), name);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const plain = error.message.startsWith(`${name}:`)
      ? `${name}${error.message.slice(name.length).replace(/^:\d+:\d+/, "")}`
      : error.message;
    throw new SluiceError(error.code, plain, error.details);
  }
}
