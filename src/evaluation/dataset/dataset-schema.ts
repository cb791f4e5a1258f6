import * as v from "valibot";
import { byForm, textOr } from "./by-form.ts";

/** promptfoo's test-case format, the part of it that Sluice runs: an unknown key is an error that names it. */

const score = v.pipe(v.number("write a number"), v.finite("write a finite number"));
const text = v.string("write a text");
const scalarText = v.union([text, v.number(), v.boolean()], "write a text");

/** A model that judges or embeds: its name, or an object with nothing but that. */
const model = v.pipe(
  textOr(v.strictObject({ id: text })),
  v.transform((given) => (typeof given === "string" ? given : given.id)),
);

const assertionEntries = {
  value: v.optional(v.unknown()),
  threshold: v.optional(score),
  weight: v.optional(v.pipe(score, v.minValue(0, "a weight is 0 or more"))),
  metric: v.optional(text),
  transform: v.optional(text),
  provider: v.optional(model),
  rubricPrompt: v.optional(v.unknown()),
  config: v.optional(v.record(v.string(), v.unknown())),
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
  v.InferOutput<typeof plainAssertion> | v.InferOutput<typeof assertSet> | v.InferOutput<typeof reference>;

const assertion = byForm<AssertionSource>([plainAssertion, assertSet, reference], (value) => {
  const given = typeof value === "object" && value !== null ? value : {};
  if ("$ref" in given) return reference;
  return "type" in given && /^(?:not-)?assert-set$/.test(String(given.type)) ? assertSet : plainAssertion;
});

const vars = v.record(v.string(), v.unknown(), "write variables as name: value");

const options = v.strictObject({
  transform: v.optional(text),
  provider: v.optional(model),
  rubricPrompt: v.optional(v.unknown()),
  disableVarExpansion: v.optional(v.boolean()),
});

export const testCase = v.strictObject(
  {
    description: v.optional(scalarText),
    vars: v.optional(textOr(vars)),
    assert: v.optional(v.array(assertion, "write assertions as a list")),
    threshold: v.optional(score),
    options: v.optional(options),
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

export const datasetObject = v.strictObject({
  description: v.optional(scalarText),
  tests: v.optional(tests),
  scenarios: v.optional(v.array(textOr(scenario), "write scenarios as a list")),
  defaultTest: v.optional(textOr(testCase)),
  assertionTemplates: v.optional(v.record(v.string(), assertion)),
});
export type DatasetSource = v.InferOutput<typeof datasetObject>;
