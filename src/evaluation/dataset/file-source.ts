import { stripTypeScriptTypes } from "node:module";
import { invalidInput } from "../../domain/errors.ts";
import { readSource } from "../../domain/prompt/source-document.ts";
import type { Script } from "../sandbox/run-script.ts";

/** Where the `file://` references of a dataset are read. */
export interface FileSource {
  /** Text of a file. `where` is the place of the reference, for messages. */
  read(path: string, where: string): string;
  /** The files that a path or a glob names, in order; at least one. */
  list(pattern: string, where: string): string[];
  /** What a `file://` reference stands for: YAML and JSON as their value, anything else as text. */
  value(reference: string, where: string): unknown;
  /** JavaScript given in place or as `file://x.js`, also `file://x.js:exportName`. */
  script(code: string, where: string): Script;
}

/** The path in `file://path`; undefined when a text is no such reference. */
export function fileReference(text: string): string | undefined {
  return text.startsWith("file://") && text.length > 7 ? text.slice("file://".length) : undefined;
}

/** What references stand for, wherever the files themselves are. */
export function fileSource(files: Pick<FileSource, "read" | "list">): FileSource {
  return {
    ...files,
    value(reference, where) {
      const path = fileReference(reference) ?? reference;
      const text = files.read(path, where);
      return /\.(ya?ml|json)$/i.test(path) ? readSource(text, path).value : text;
    },
    script(code, where) {
      const reference = fileReference(code);
      if (reference === undefined) return code;
      const [, path = reference, exportName] = /^(.*\.[cm]?[jt]s)(?::(\w+))?$/.exec(reference) ?? [];
      if (!/\.[cm]?[jt]s$/.test(path))
        throw invalidInput(
          `${where}: ${reference} cannot be run; only JavaScript and TypeScript (.js, .cjs, .mjs, .ts) can`,
          { where, path },
        );
      const text = scriptIn(path, files.read(path, where), where);
      return { code: text, ...(exportName !== undefined && { exportName }) };
    },
  };
}

/** The JavaScript of a script; types are taken out. */
function scriptIn(path: string, text: string, where: string): string {
  if (!/\.[cm]?ts$/.test(path)) return text;
  // Node says once that it is new, on the terminal of whoever runs an evaluation.
  const emitWarning: typeof process.emitWarning = Reflect.get(process, "emitWarning");
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } catch (error) {
    const problem = (error as Error).message.split("\n", 1)[0]!;
    throw invalidInput(`${where}: ${path} is not TypeScript whose types can be taken out: ${problem}`, {
      where,
      path,
    });
  } finally {
    process.emitWarning = emitWarning;
  }
}

function refuse(reference: string, where: string): never {
  throw invalidInput(`${where}: ${reference} cannot be read here: give the dataset as a file`, { where });
}

/** For datasets that stand alone: every reference is an error. */
export const NO_FILES: FileSource = {
  read: refuse,
  list: refuse,
  value: refuse,
  script: (code, where) => (fileReference(code) === undefined ? code : refuse(code, where)),
};
