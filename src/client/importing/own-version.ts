import * as v from "valibot";
import { checkSource } from "../../domain/prompt/source-document.ts";
import type { IncomingVersion } from "./incoming.ts";

/** As `sluice export` writes a version; more is left alone. */
const versionSchema = v.looseObject({
  prompt: v.pipe(v.string(), v.minLength(1)),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  sha256: v.optional(v.string()),
  file: v.record(v.string(), v.unknown()),
  message: v.optional(v.string(), ""),
  labels: v.optional(v.array(v.string()), []),
});

/** Whether something is what `sluice export` writes of a version. */
export function isOwnVersion(row: unknown): boolean {
  return typeof row === "object" && row !== null && "prompt" in row && "version" in row && "file" in row;
}

/** An exported version, read; `invalid_input` that says where it stands (`at`) for what is none. */
export function ownVersion(row: unknown, at: string): IncomingVersion {
  const found = checkSource({ name: at, value: row, locate: () => at }, versionSchema);
  const { prompt: name, version: number, sha256, file, message, labels } = found;
  return {
    name,
    number,
    sha256,
    labels,
    message,
    notes: [],
    fileOf({ prompt, referenceTo }) {
      const messages = file["messages"];
      if (!Array.isArray(messages)) return { ...file, name: prompt };
      const included = (one: unknown) =>
        isInclude(one) ? { ...one, include: referenceTo(one.include) } : one;
      return { ...file, name: prompt, messages: messages.map(included) };
    },
  };
}

function isInclude(message: unknown): message is { readonly include: string } {
  return typeof (message as { readonly include?: unknown } | null)?.include === "string";
}
