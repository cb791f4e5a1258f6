import * as v from "valibot";
import { isMapping } from "../../domain/json/is-mapping.ts";
import { LABEL, promptNameProblem } from "../../domain/names.ts";
import { scopePartProblem } from "../../domain/scope.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";

const MOST_UNIT = 1_024;
const MOST_TOKEN = 16_384;

export const versionNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_147_483_647));
export const versionText = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,9}$/, "must be a whole number from 1"),
  v.transform(Number),
  versionNumber,
);
const unit = v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_UNIT));
export const token = v.pipe(v.string(), v.maxLength(MOST_TOKEN));

export const promptParams = v.strictObject({ name: promptName });

export const promptQuery = v.strictObject({
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  unit: v.optional(unit),
  version: v.optional(versionText),
});

const variables = v.optional(v.record(v.string(), v.unknown()));
const message = v.looseObject({ role: v.string() });
const FORMATS = ["messages", "openai", "openai-responses", "anthropic", "artifact"] as const;
const format = v.optional(v.picklist(FORMATS));
export const rendering = {
  variables,
  history: v.optional(v.array(message)),
  placeholders: v.optional(v.record(v.string(), v.array(message))),
  format,
  /** Leaves out the oldest history, and more if it must, so that the messages fit the model's window. */
  fit: v.optional(v.boolean()),
  injection: v.optional(v.picklist(["flag", "reject"])),
  personalData: v.optional(v.picklist(["flag", "mask", "reject"])),
};

export const asked = {
  prompt: v.optional(promptName),
  label: v.optional(label),
  unit: v.optional(unit),
  tenant: v.optional(tenant),
  model: v.optional(model),
  version: v.optional(versionNumber),
  /** The `token` of an earlier answer: the same version, arm and rollout, whatever has moved since. */
  pin: v.optional(token),
  attributes: v.optional(v.record(v.string(), v.string())),
};

export const resolveBody = v.strictObject({ ...asked, ...rendering });

/**
 * Whether a body without lists is certainly a {@link resolveBody} of the usual keys. One that the schema reads costs six
 * times as much, and one is read for each answer that an application shows.
 */
export function isPlainResolve(body: unknown): body is v.InferOutput<typeof resolveBody> {
  if (!isMapping(body)) return false;
  for (const key in body) {
    const value = body[key];
    if (key === "variables") {
      if (!isMapping(value)) return false;
    } else if (typeof value !== "string" || !PLAIN.get(key)?.(value)) return false;
  }
  return true;
}

const PLAIN: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ["prompt", (name) => promptNameProblem(name) === undefined],
  ["label", (text) => LABEL.test(text)],
  ["unit", ({ length }) => length > 0 && length <= MOST_UNIT],
  ["tenant", (text) => scopePartProblem("tenant", text) === undefined],
  ["model", (text) => scopePartProblem("model", text) === undefined],
  ["format", (name) => (FORMATS as readonly string[]).includes(name)],
]);

export const renderBody = v.strictObject({
  versionId: v.optional(uuid),
  token: v.optional(token),
  ...rendering,
});

const resolved = {
  prompt: v.string(),
  version: v.nullable(v.number()),
  versionId: v.nullable(v.string()),
  version_id: v.nullable(v.string()),
  sha256: v.string(),
  label: v.string(),
  scope: v.nullable(
    v.object({
      label: v.string(),
      prompt: v.optional(v.string()),
      model: v.optional(v.string()),
      tenant: v.optional(v.string()),
    }),
  ),
  arm: v.picklist(["candidate", "control", "unenrolled"]),
  rolloutId: v.nullable(v.string()),
  epoch: v.nullable(v.number()),
  revision: v.nullable(v.number()),
  source: v.picklist(["memory", "store", "stale", "snapshot", "fallback"]),
  reason: v.string(),
  /** What an outcome is sent with. */
  token: v.string(),
};

/** Any object: what a version holds is in the pages on the prompt file. */
const anything = v.object({});

export const servedPrompt = v.object({ ...resolved, artifact: anything });

export const renderedPrompt = v.object({
  ...resolved,
  artifact: v.optional(anything),
  messages: v.optional(v.array(anything)),
  /** The body of a request to the vendor, without a key. */
  request: v.optional(anything),
  warnings: v.optional(v.array(v.string())),
  /** What the messages cost as input. */
  tokens: v.optional(v.number()),
  tokensExact: v.optional(v.boolean()),
});
