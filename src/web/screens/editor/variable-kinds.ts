import type { VariableType } from "../../../domain/prompt/artifact.ts";

/** The kinds of variables in plain words. */
export const KINDS: Readonly<Record<VariableType, string>> = {
  string: "Text",
  number: "Number",
  boolean: "Yes or no",
  list: "List",
  json: "JSON",
};
