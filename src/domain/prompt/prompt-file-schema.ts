import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { counted } from "../text/counted.ts";
import { parseModelTarget, SYNTAXES } from "./artifact.ts";
import { readInclude } from "./include.ts";
import { promptNameProblem } from "../names.ts";
import { PROVIDERS } from "../models/vendors.ts";
import { shown } from "../text/visible.ts";

// The shape of a prompt file. What one value must be is said here; how values must agree with each
// other (a default with its type, say) is checked in prompt-file.ts, where positions are at hand.

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
export const identifierProblem = `use a letter or "_" and then letters, digits and "_", 64 characters at most`;

export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

const name = v.pipe(
  v.string(),
  v.check(
    (text) => promptNameProblem(text) === undefined,
    (issue) => promptNameProblem(String(issue.input)) ?? "",
  ),
);

const model = v.pipe(
  v.string(),
  v.maxLength(200, "a model's name has at most 200 characters"),
  v.check(
    (text) => {
      const target = parseModelTarget(text);
      return target !== undefined && mistypedVendor(target.provider) === undefined;
    },
    (issue) => modelProblem(String(issue.input)),
  ),
);

function modelProblem(given: string): string {
  if (!given.includes("/"))
    return `${shown(given)} names no provider; write provider/model, with ${PROVIDERS.join(" or ")}, for example openai/gpt-5.4-mini`;
  if (given.endsWith("/")) return `${shown(given)} names no model after the provider`;
  const [provider] = given.split("/", 1);
  const meant = mistypedVendor(provider!);
  if (meant !== undefined)
    return `provider ${shown(provider)} is not one that can be called; did you mean "${meant}"?`;
  return `${shown(given)} is not provider/model; a provider's name has small letters, digits and -`;
}

/** The vendor that a name is one letter away from. A provider of a configuration is free to have any other name. */
function mistypedVendor(provider: string): string | undefined {
  return PROVIDERS.find((name) => distance(name, provider) === 1);
}

/** Characters of a version's metadata as JSON, and of its config. */
const MAX_METADATA = 16_384;
const MAX_CONFIG = 262_144;

const MOST_FALLBACKS = 5;

/** A mapping that Sluice keeps and does not read. */
function ownMapping(problem: string, most: number) {
  return v.pipe(
    v.record(v.string(), v.unknown(), problem),
    v.check(
      (given) => JSON.stringify(given).length <= most,
      `has more than ${counted(most, "character")} as JSON`,
    ),
  );
}

const positiveWhole = v.pipe(
  v.number(),
  v.integer("must be a whole number"),
  v.minValue(1, "must be 1 or more"),
);

const variableEntries = v.strictObject({
  type: v.picklist(["string", "number", "boolean", "json", "list"]),
  required: v.optional(v.boolean()),
  default: v.optional(v.unknown()),
  enum: v.optional(v.pipe(v.array(v.unknown()), v.minLength(1, "needs at least one value"))),
  max_length: v.optional(positiveWhole),
  untrusted: v.optional(v.boolean()),
  trusted: v.optional(v.boolean()),
});
const variable = Object.assign(
  v.pipe(
    variableEntries,
    v.check(
      ({ trusted, untrusted }) => !(trusted && untrusted),
      "a value is either trusted or untrusted; leave one of them out",
    ),
  ),
  { entries: variableEntries.entries },
);

const part = v.strictObject({
  type: v.picklist(["text", "image", "file"]),
  text: v.optional(v.string()),
  url: v.optional(v.string()),
  data: v.optional(v.string()),
  media_type: v.optional(v.string()),
  detail: v.optional(v.picklist(["low", "high", "auto"])),
  name: v.optional(v.string()),
});
const parts = v.pipe(
  v.array(
    v.pipe(
      part,
      v.check(
        ({ type, text, url, data }) =>
          type === "text" ? text !== undefined : (url === undefined) !== (data === undefined),
        "a part is { type: text, text: … }, or an image or a file with either url or data",
      ),
      v.check(
        ({ type, text, url, data, media_type, detail, name }) =>
          type === "text"
            ? [url, data, media_type, detail, name].every((one) => one === undefined)
            : text === undefined && (type === "image" ? name : detail) === undefined,
        "a text has text, an image url or data, media_type and detail, a file url or data, media_type and name",
      ),
      v.check(
        ({ data, media_type }) => data === undefined || media_type !== undefined,
        "data needs a media_type, as in image/png",
      ),
    ),
  ),
  v.minLength(1, "a message needs at least one part"),
);

// One object with everything optional, so that a mistyped key is told from a wrong role.
const message = v.pipe(
  v.strictObject({
    role: v.optional(v.picklist(["system", "developer", "user", "assistant", "tool"])),
    content: v.optional(v.union([v.string(), parts])),
    placeholder: v.optional(v.pipe(v.string(), v.check(isIdentifier, identifierProblem))),
    include: v.optional(v.string()),
    label: v.optional(v.string()),
  }),
  v.check(
    (one) =>
      one.include === undefined ||
      (one.role === undefined && one.content === undefined && one.placeholder === undefined),
    "an include stands alone: { include: house-style@3 } or { include: house-style, label: production }",
  ),
  v.check(
    ({ include, label }) => include === undefined || typeof readInclude(include, label) !== "string",
    (issue) => {
      const { include, label } = issue.input as { include: string; label?: string };
      return `include: ${readInclude(include, label) as string}`;
    },
  ),
  v.check(
    ({ role, content }) =>
      role === "user" || !Array.isArray(content) || content.every(({ type }) => type === "text"),
    "images and files stand in a user's message",
  ),
  v.check((one) => one.label === undefined || one.include !== undefined, "a label belongs to an include"),
  v.check(
    (one) =>
      one.include !== undefined ||
      (one.placeholder === undefined) === (one.role !== undefined && one.content !== undefined),
    "a message has a role and a content, or it is a placeholder: { role: user, content: … } or { placeholder: history }",
  ),
  v.check(
    (one) => one.placeholder === undefined || (one.role === undefined && one.content === undefined),
    "a placeholder has no role and no content of its own",
  ),
  v.check(
    (one) => one.role !== "tool",
    "a tool message answers a call that the model made, so it cannot be written in a prompt; it comes in through a placeholder",
  ),
);

const tool = v.strictObject({
  type: v.literal("function"),
  function: v.strictObject({
    name: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'a tool\'s name is 1 to 64 letters, digits, "_" and "-"'),
    ),
    description: v.optional(v.string()),
    parameters: v.optional(v.record(v.string(), v.unknown())),
    strict: v.optional(v.boolean()),
  }),
});

export const promptFileSchema = v.strictObject({
  name,
  description: v.optional(v.string()),
  tags: v.optional(v.array(v.pipe(v.string(), v.minLength(1, "a tag cannot be empty"), v.maxLength(64)))),
  syntax: v.optional(v.picklist(SYNTAXES)),
  whitespace: v.optional(v.literal("jinja")),
  model,
  params: v.optional(v.record(v.string(), v.unknown())),
  fallbacks: v.optional(
    v.pipe(
      v.array(v.union([model, v.strictObject({ model, params: v.record(v.string(), v.unknown()) })])),
      v.maxLength(MOST_FALLBACKS, `a prompt falls back to ${MOST_FALLBACKS} models at most`),
    ),
  ),
  variables: v.optional(
    v.pipe(v.record(v.string(), variable), v.maxEntries(1_000, "a prompt has at most 1,000 variables")),
  ),
  messages: v.pipe(v.array(message), v.minLength(1, "a prompt needs at least one message")),
  examples: v.optional(v.array(v.strictObject({ input: v.string(), output: v.string() }))),
  tools: v.optional(v.array(tool)),
  output_schema: v.optional(v.record(v.string(), v.unknown())),
  config: v.optional(ownMapping("must be a mapping, such as { model: gpt-5.4-mini }", MAX_CONFIG)),
  metadata: v.optional(ownMapping("must be a mapping of your own, such as { ticket: SUP-12 }", MAX_METADATA)),
  policy: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
});

export type PromptFileInput = v.InferOutput<typeof promptFileSchema>;
