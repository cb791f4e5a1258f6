import { invalidInput, messageOf } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";
import { shown } from "../../domain/text/visible.ts";
import { fileReference, type FileSource } from "../dataset/file-source.ts";
import { runScript } from "../sandbox/run-script.ts";
import { refuseWhatIsNotRun } from "./first-refusal.ts";

/** What stands in `tests` for tests that a script makes: `file://tests.ts:name`, or that as `path` with a `config`. */
interface Maker {
  readonly reference: string;
  readonly config?: unknown;
}

/**
 * A configuration with the tests that its JavaScript and TypeScript files make in their places. They run in the
 * sandbox: what needs a file, the network or a module fails, as an `invalid_input` at the entry that names it. What
 * cannot be run at all is refused first, before any script is run.
 *
 * @param configured providers that a file names, beside those that are built in
 */
export async function withMadeTests(
  document: SourceDocument,
  files: FileSource,
  configured: readonly string[],
): Promise<SourceDocument> {
  const { tests } = document.value as { readonly tests?: unknown };
  const entries = Array.isArray(tests) ? (tests as unknown[]) : [tests];
  if (!entries.some(makerIn)) return document;
  refuseWhatIsNotRun(document, configured, true);
  const made: unknown[] = [];
  // Where each of the tests is written: what a script has made stands where the script is named.
  const origins: number[] = [];
  for (const [index, entry] of entries.entries()) {
    const maker = makerIn(entry);
    const where = document.locate(Array.isArray(tests) ? ["tests", index] : ["tests"]);
    const some = maker ? await make(maker, where, files) : [entry];
    for (const one of some) {
      made.push(one);
      origins.push(index);
    }
  }
  return {
    name: document.name,
    value: { ...(document.value as object), tests: made },
    locate([first, at, ...rest], which) {
      if (first !== "tests" || typeof at !== "number")
        return document.locate(at === undefined ? [first!] : [first!, at, ...rest], which);
      const origin = origins[at] ?? 0;
      if (!Array.isArray(tests)) return document.locate(["tests"], which);
      return makerIn(entries[origin])
        ? document.locate(["tests", origin], which)
        : document.locate(["tests", origin, ...rest], which);
    },
  };
}

function makerIn(entry: unknown): Maker | undefined {
  const { path, config } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<
    string,
    unknown
  >;
  const reference = typeof entry === "string" ? entry : path;
  if (typeof reference !== "string" || !/\.[cm]?[jt]s(?::\w+)?$/.test(reference)) return undefined;
  return { reference, ...(config !== undefined && { config }) };
}

async function make({ reference, config }: Maker, where: string, files: FileSource): Promise<unknown[]> {
  const script = files.script(`file://${fileReference(reference) ?? reference}`, where);
  let made: unknown;
  try {
    made = await runScript(script, config, {});
  } catch (error) {
    throw invalidInput(`${where}: ${shown(reference)} made no tests: ${messageOf(error)}`, { where });
  }
  if (Array.isArray(made)) return made;
  throw invalidInput(`${where}: ${shown(reference)} must return a list of tests`, { where });
}
