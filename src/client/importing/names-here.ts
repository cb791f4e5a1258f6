import { invalidInput } from "../../domain/errors.ts";
import { assertPromptName, promptNameProblem } from "../../domain/names.ts";
import type { ImportProblem } from "../../domain/shapes/importing.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import { shown } from "../../domain/text/visible.ts";
import type { ImportRequest } from "../exchange-requests.ts";
import { proposeName } from "./propose-name.ts";

export interface Names {
  /** By names there, the names here; those that have a problem are left out. */
  readonly here: ReadonlyMap<string, string>;
  readonly problems: readonly ImportProblem[];
}

/** What prompts are called here: as they are there, as was asked for, and never as was guessed. */
export function nameHere(
  names: readonly string[],
  { rename = {}, takeProposedNames = false }: Pick<ImportRequest, "rename" | "takeProposedNames">,
): Names {
  const there = new Set(names);
  for (const [from, to] of Object.entries(rename)) {
    if (!there.has(from))
      throw invalidInput(`there is no prompt ${shown(from)} to be renamed${didYouMean(from, there)}`, {
        name: from,
      });
    assertPromptName(to);
  }
  const here = new Map<string, string>();
  const takenBy = new Map<string, string>();
  const problems: ImportProblem[] = [];
  for (const from of there) {
    const given = Object.hasOwn(rename, from) ? rename[from] : undefined;
    const problem = given === undefined ? promptNameProblem(from) : undefined;
    const proposal = problem === undefined ? undefined : proposeName(from);
    const to = given ?? (problem === undefined ? from : takeProposedNames ? proposal : undefined);
    const refuse = (why: string) =>
      problems.push({ from, version: null, problem: why, proposedName: proposal ?? null });
    if (to === undefined) {
      const how = proposal ?? "NAME";
      refuse(`its name cannot be one here (${problem}); give it one: --rename "${from}=${how}"`);
      continue;
    }
    const other = takenBy.get(to);
    if (other !== undefined) {
      refuse(
        `it would be ${shown(to)} here, and so would ${shown(other)}; give one of them another name (--rename)`,
      );
      continue;
    }
    takenBy.set(to, from);
    here.set(from, to);
  }
  return { here, problems };
}
