import * as v from "valibot";
import { SluiceError } from "../../domain/errors.ts";
import { checkSource } from "../../domain/prompt/source-document.ts";
import { langfuseMessage } from "../../templates/langfuse-message.ts";
import { parseLangfuse } from "../../templates/parse-langfuse.ts";
import { promptFileOfLangfuse } from "../../templates/requests/from-langfuse.ts";
import { type IncomingVersion, nameThere } from "./incoming.ts";

const text = v.nullish(v.string());

const headSchema = v.looseObject({
  name: v.pipe(v.string(), v.minLength(1)),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  labels: v.nullish(v.array(v.string())),
});

/** As its API gives a version, or as its database's table has it; more is left alone. */
const contentSchema = v.looseObject({
  type: v.nullish(v.picklist(["text", "chat"])),
  prompt: v.union(
    [v.string(), v.array(langfuseMessage)],
    "must be a text, or a list of messages and placeholders",
  ),
  config: v.nullish(v.record(v.string(), v.unknown())),
  tags: v.nullish(v.array(v.string())),
  commitMessage: text,
  commit_message: text,
  createdAt: text,
  created_at: text,
  createdBy: text,
  created_by: text,
  resolutionGraph: v.optional(v.unknown()),
});
type Content = v.InferOutput<typeof contentSchema>;

/** Langfuse's word for the newest version, which moves by itself. */
const LATEST = "latest";

/** Whether something is what Langfuse calls a version of a prompt. */
export function isLangfuseVersion(row: unknown): boolean {
  return typeof row === "object" && row !== null && "name" in row && "prompt" in row && "version" in row;
}

/**
 * A version of Langfuse's; `invalid_input` that says where it stands (`at`) for what is none. What is wrong with its
 * content is said when a prompt file is made of it: it can be left out by its name.
 */
export function langfuseVersion(row: unknown, at: string): IncomingVersion {
  const document = { name: at, value: row, locate: () => at };
  const { name, version: number, labels } = checkSource(document, headSchema);
  const known = { name, number, labels: (labels ?? []).filter((label) => label !== LATEST) };
  let content: Content;
  try {
    content = checkSource(document, contentSchema);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const fileOf = () => {
      throw error;
    };
    return { ...known, message: "", notes: [], fileOf };
  }
  const { prompt, config, tags } = content;
  const type = content.type ?? (typeof prompt === "string" ? "text" : "chat");
  const createdAt = content.createdAt ?? content.created_at;
  const createdBy = content.createdBy ?? content.created_by;
  const origin = { name, version: number, ...(createdAt && { createdAt }), ...(createdBy && { createdBy }) };
  return {
    ...known,
    message: content.commitMessage ?? content.commit_message ?? "",
    notes: notesOn(content, number),
    fileOf({ prompt: here, before, model }) {
      const version = { name: here, type, prompt, config, tags };
      const file = promptFileOfLangfuse(version, before, model, nameThere(known));
      return { ...file, metadata: { langfuse: origin } };
    },
  };
}

/** In braces, and no variable: the JavaScript client takes most of them for one. */
const IN_BRACES = /\{\{\{?[^{}]{1,64}\}\}/;

function notesOn({ prompt, resolutionGraph }: Content, number: number): string[] {
  const texts =
    typeof prompt === "string" ? [prompt] : prompt.flatMap((one) => ("content" in one ? [one.content] : []));
  const left = texts
    .flatMap((whole) => parseLangfuse(whole).segments.literals)
    .map((literal) => IN_BRACES.exec(literal)?.[0])
    .find((found) => found !== undefined);
  return [
    ...(left === undefined ? [] : [`@${number}: ${left} is no variable here: it stays as it stands`]),
    ...(resolutionGraph
      ? [`@${number}: puts in other prompts, and is taken with their text as it is now`]
      : []),
  ];
}
