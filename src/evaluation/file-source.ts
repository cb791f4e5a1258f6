import { invalidInput } from "../domain/errors.ts";
import type { Script } from "./sandbox/run-script.ts";

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
  return text.startsWith("file://") ? text.slice("file://".length) : undefined;
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
