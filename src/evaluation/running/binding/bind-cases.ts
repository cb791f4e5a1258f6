import { invalidInput } from "../../../domain/errors.ts";
import { didYouMean } from "../../../domain/text/suggestion.ts";
import type { Arm } from "../arm.ts";
import type { Assertion } from "../../grading/assertions/assertion.ts";
import { ASSERTION_KINDS } from "../../grading/assertions/registry.ts";
import { CONVERSATION, keptNames } from "../../dataset/case-sequence.ts";
import { type Dataset, describeCase, type TestCase } from "../../dataset/dataset.ts";
import { nestedNames, resolveNestedVars } from "./nested-vars.ts";
import { valueNames } from "../../grading/assertions/value-template.ts";
import { shown } from "../../../domain/text/visible.ts";

/** The most cases that lists are expanded to: several lists multiply each other. */
const MOST_CASES = 100_000;

/**
 * The cases as these versions will be asked them, lists expanded to one case per item. What is wrong with the
 * dataset itself is an `invalid_input` naming file, line and case. A case that a version cannot render is not: it
 * fails alone when it is run.
 */
export function bindCases(dataset: Dataset, arms: readonly Arm[]): TestCase[] {
  let count = 0;
  const expanded = dataset.cases.flatMap((one, index) => {
    const cases = expandLists(one, index, arms, MOST_CASES - count);
    count += cases.length;
    return cases;
  });
  // What cases share is used by some of them.
  const usedAnywhere = new Set(
    dataset.cases.flatMap(({ assert }) => [...assert.flatMap(namesIn), ...assert.flatMap(namesRead)]),
  );
  const isStrict = dataset.allowsUnused !== true;
  const givenLater = dataset.isSequence ? [CONVERSATION, ...keptNames(dataset.cases)] : [];
  expanded.forEach((one, index) => checkNames(one, index, arms, usedAnywhere, isStrict, givenLater));
  const resolved = expanded
    .map(resolveVars)
    .map((one) => (dataset.isSequence ? { ...one, inSequence: true as const } : one));
  return isStrict ? resolved : resolved.map(withoutLastLineEnds);
}

/** As promptfoo has it: what a block of YAML or an editor ends with is not meant. */
function withoutLastLineEnds(testCase: TestCase): TestCase {
  const entries = Object.entries(testCase.vars);
  if (!entries.some(([, value]) => typeof value === "string" && value.endsWith("\n"))) return testCase;
  const vars = entries.map(([name, value]) => [
    name,
    typeof value === "string" ? value.replace(/\n$/, "") : value,
  ]);
  return { ...testCase, vars: Object.fromEntries(vars) as TestCase["vars"] };
}

/**
 * A variable with a list of values stands for one case per value, as in promptfoo, unless a prompt takes the
 * list itself: a variable of type list or json, or a placeholder.
 */
function expandLists(testCase: TestCase, index: number, arms: readonly Arm[], room: number): TestCase[] {
  if (testCase.wholeLists) return [testCase];
  let cases = [testCase];
  for (const [name, value] of Object.entries(testCase.vars)) {
    if (!Array.isArray(value) || arms.some((arm) => takesLists(arm, name))) continue;
    // As in promptfoo: a list that begins with something else is one value.
    if (value.length > 0 && typeof value[0] !== "string") continue;
    if (value.length === 0)
      throw invalidInput(
        `${describeCase(testCase, index)}: variable ${shown(name)} is an empty list, which stands for no case at all; give it a value, or declare the variable as a list`,
        { case: index, variable: name },
      );
    if (cases.length * value.length > room)
      throw invalidInput(
        `${describeCase(testCase, index)}: its lists make more than ${MOST_CASES} cases of the dataset; write fewer values, or set options.disableVarExpansion`,
        { case: index, variable: name },
      );
    cases = cases.flatMap((one) =>
      value.map((item: unknown) => ({ ...one, vars: { ...one.vars, [name]: item } })),
    );
  }
  return cases;
}

function resolveVars(testCase: TestCase, index: number): TestCase {
  try {
    const vars = resolveNestedVars(testCase.vars);
    return vars === testCase.vars ? testCase : { ...testCase, vars };
  } catch (error) {
    throw invalidInput(`${describeCase(testCase, index)}: ${(error as Error).message}`, { case: index });
  }
}

function takesLists(arm: Arm, name: string): boolean {
  const type = arm.artifact.variables[name]?.type;
  return arm.placeholders.has(name) || type === "list" || type === "json";
}

function checkNames(
  testCase: TestCase,
  index: number,
  arms: readonly Arm[],
  usedAnywhere: ReadonlySet<string>,
  isStrict: boolean,
  givenLater: readonly string[],
): void {
  const used = new Set(testCase.assert.flatMap(namesIn));
  const nested = new Set(nestedNames(testCase.vars));
  const isOpen = testCase.transform !== undefined || testCase.assert.some(readsAnything);
  for (const name of isStrict ? Object.keys(testCase.vars) : []) {
    if (isOpen || usedAnywhere.has(name) || nested.has(name) || arms.some((arm) => arm.names.has(name)))
      continue;
    const known = [...new Set(arms.flatMap((arm) => [...arm.names]))];
    throw invalidInput(
      `${describeCase(testCase, index)}: the prompt has no variable ${shown(name)}${didYouMean(name, known) || `; it has ${known.join(", ") || "none"}`}`,
      { case: index, variable: name, known },
    );
  }
  for (const name of used)
    if (!(name in testCase.vars) && !givenLater.includes(name))
      throw invalidInput(
        `${describeCase(testCase, index)}: an assertion uses ${shown(name)}, which the case does not set`,
        {
          case: index,
          variable: name,
        },
      );
}

function namesIn(assertion: Assertion): string[] {
  if (assertion.assert) return assertion.assert.flatMap(namesIn);
  return ASSERTION_KINDS.get(assertion.type)?.script ? [] : valueNames(assertion.value);
}

/** Variables that a check looks at by itself, where there are such. */
function namesRead({ type, assert }: Assertion): readonly string[] {
  return assert ? assert.flatMap(namesRead) : (ASSERTION_KINDS.get(type)?.reads ?? []);
}

/** A script or a rubric prompt may read any variable of the case, so none is surely unused. */
function readsAnything({ type, transform, contextTransform, rubricPrompt, assert }: Assertion): boolean {
  const isScript = ASSERTION_KINDS.get(type)?.script ?? false;
  return (
    isScript ||
    (transform ?? contextTransform) !== undefined ||
    rubricPrompt !== undefined ||
    (assert ?? []).some(readsAnything)
  );
}
