import * as v from "valibot";

/** promptfoo's test-case format, the part of it that Sluice runs: an unknown key is an error that names it. */

const score = v.pipe(v.number("write a number"), v.finite("write a finite number"));
const text = v.string("write a text");
const scalarText = v.union([text, v.number(), v.boolean()], "write a text");

const assertionEntries = {
  value: v.optional(v.unknown()),
  threshold: v.optional(score),
  weight: v.optional(v.pipe(score, v.minValue(0, "a weight is 0 or more"))),
  metric: v.optional(text),
  transform: v.optional(text),
  provider: v.optional(text),
  rubricPrompt: v.optional(v.unknown()),
};

const plainAssertion = v.strictObject({ type: text, ...assertionEntries });
const reference = v.strictObject({ $ref: text });
const assertSet = v.strictObject({
  type: v.literal("assert-set"),
  assert: v.array(v.union([plainAssertion, reference])),
  threshold: v.optional(score),
  weight: assertionEntries.weight,
  metric: assertionEntries.metric,
});

export type AssertionSource =
  v.InferOutput<typeof plainAssertion> | v.InferOutput<typeof assertSet> | v.InferOutput<typeof reference>;

/** Chosen by what is written, so that an error is about that form and not about the others. */
const byForm: v.GenericSchema<unknown, AssertionSource> = v.lazy((input) => {
  const given = typeof input === "object" && input !== null ? input : {};
  if ("$ref" in given) return reference;
  return "type" in given && given.type === "assert-set" ? assertSet : plainAssertion;
});
/** `options` is where an unknown key's message looks for the known ones. */
export const assertion = Object.assign(byForm, { options: [plainAssertion, assertSet, reference] });

const vars = v.record(v.string(), v.unknown(), "write variables as name: value");

const options = v.strictObject({
  transform: v.optional(text),
  provider: v.optional(text),
  rubricPrompt: v.optional(v.unknown()),
  disableVarExpansion: v.optional(v.boolean()),
});

export const testCase = v.strictObject(
  {
    description: v.optional(scalarText),
    vars: v.optional(v.union([vars, text])),
    assert: v.optional(v.array(assertion, "write assertions as a list")),
    threshold: v.optional(score),
    options: v.optional(options),
    metadata: v.optional(v.record(v.string(), v.unknown())),
  },
  "write a test case as an object with vars and assert",
);
export type TestCaseSource = v.InferOutput<typeof testCase>;

export const tests = v.union([v.array(v.union([text, testCase])), text], "write test cases as a list");

const scenario = v.strictObject({
  description: v.optional(scalarText),
  config: v.array(testCase),
  tests: v.array(testCase),
});

export const datasetObject = v.strictObject({
  description: v.optional(scalarText),
  tests: v.optional(tests),
  scenarios: v.optional(v.array(scenario)),
  defaultTest: v.optional(testCase),
  assertionTemplates: v.optional(v.record(v.string(), assertion)),
});
export type DatasetSource = v.InferOutput<typeof datasetObject>;
