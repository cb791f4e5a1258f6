import * as v from "valibot";
import { byForm, textOr } from "./by-form.ts";

/** promptfoo's test-case format, the part of it that Sluice runs: an unknown key is an error that names it. */

const score = v.pipe(v.number("write a number"), v.finite("write a finite number"));
const text = v.string("write a text");
const scalarText = v.union([text, v.number(), v.boolean()], "write a text");

/** A model that judges or embeds: its name, or an object with that and its parameters. */
const namedModel = v.pipe(
  textOr(
    v.strictObject({
      id: text,
      label: v.optional(text),
      config: v.optional(v.record(v.string(), v.unknown())),
    }),
  ),
  v.transform((given) => (typeof given === "string" ? { id: given } : given)),
);
const modelsByTask = v.strictObject({
  text: v.optional(namedModel),
  embedding: v.optional(namedModel),
  classification: v.optional(v.unknown()),
  moderation: v.optional(v.unknown()),
});
export type JudgeSource = v.InferOutput<typeof namedModel>;
/** By what they are asked to do: one model for texts, another that embeds. */
export type JudgesSource = JudgeSource | v.InferOutput<typeof modelsByTask>;
const model = byForm<JudgesSource>([namedModel, modelsByTask], (value) => {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return keys.some((key) => key in modelsByTask.entries) ? modelsByTask : namedModel;
});

const assertionEntries = {
  value: v.optional(v.unknown()),
  threshold: v.optional(score),
  weight: v.optional(v.pipe(score, v.minValue(0, "a weight is 0 or more"))),
  metric: v.optional(text),
  transform: v.optional(text),
  provider: v.optional(model),
  rubricPrompt: v.optional(v.unknown()),
  contextTransform: v.optional(text),
  config: v.optional(v.record(v.string(), v.unknown())),
  // A remark.
  reason: v.optional(v.unknown()),
};

const plainAssertion = v.strictObject({ type: text, ...assertionEntries });
const reference = v.strictObject({ $ref: text });
const assertSet = v.strictObject({
  // The second is not run; it is read so that it can be named.
  type: v.picklist(["assert-set", "not-assert-set"]),
  assert: v.array(
    byForm<v.InferOutput<typeof plainAssertion> | v.InferOutput<typeof reference>>(
      [plainAssertion, reference],
      (value) =>
        typeof value === "object" && value !== null && "$ref" in value ? reference : plainAssertion,
    ),
  ),
  threshold: v.optional(score),
  weight: assertionEntries.weight,
  metric: assertionEntries.metric,
});

export type AssertionSource =
  | v.InferOutput<typeof plainAssertion>
  | v.InferOutput<typeof assertSet>
  | v.InferOutput<typeof reference>;

const assertion = byForm<AssertionSource>([plainAssertion, assertSet, reference], (value) => {
  const given = typeof value === "object" && value !== null ? value : {};
  if ("$ref" in given) return reference;
  return "type" in given && /^(?:not-)?assert-set$/.test(String(given.type)) ? assertSet : plainAssertion;
});

const vars = v.record(v.string(), v.unknown(), "write variables as name: value");
const varFiles = v.array(text, "write files of variables as a list");
const varsForm = (value: unknown) => (Array.isArray(value) ? varFiles : vars);

const options = v.strictObject({
  transform: v.optional(text),
  transformVars: v.optional(text),
  provider: v.optional(model),
  rubricPrompt: v.optional(v.unknown()),
  prefix: v.optional(text),
  suffix: v.optional(text),
  disableVarExpansion: v.optional(v.boolean()),
  storeOutputAs: v.optional(v.pipe(text, v.regex(/^\w+$/, "write a name of letters, digits and _"))),
  runSerially: v.optional(v.boolean()),
  disableConversationVar: v.optional(v.boolean()),
});

export const testCase = v.strictObject(
  {
    description: v.optional(scalarText),
    vars: v.optional(textOr(byForm<Record<string, unknown> | string[]>([vars, varFiles], varsForm))),
    assert: v.optional(v.array(assertion, "write assertions as a list")),
    threshold: v.optional(score),
    options: v.optional(options),
    // Read as a provider is, where there are providers: in a configuration.
    provider: v.optional(v.unknown()),
    providerOutput: v.optional(v.unknown()),
    metadata: v.optional(v.record(v.string(), v.unknown())),
  },
  "write a test case as an object with vars and assert",
);
export type TestCaseSource = v.InferOutput<typeof testCase>;

export const testList = v.array(textOr(testCase), "write test cases as a list");
const tests = textOr(testList);

const scenario = v.strictObject({
  description: v.optional(scalarText),
  config: tests,
  tests,
});
export const scenarioList = v.array(scenario, "write scenarios as a list");

export const datasetObject = v.strictObject(
  {
    description: v.optional(scalarText),
    tests: v.optional(tests),
    scenarios: v.optional(v.array(textOr(scenario), "write scenarios as a list")),
    defaultTest: v.optional(textOr(testCase)),
    assertionTemplates: v.optional(v.record(v.string(), assertion)),
  },
  "write a list of test cases, or a mapping that has them under tests",
);
export type DatasetSource = v.InferOutput<typeof datasetObject>;
