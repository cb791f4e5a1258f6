import { invalidInput } from "../../../domain/errors.ts";
import { describeCase, type Dataset, type TestCase } from "../../dataset/dataset.ts";
import { runScript } from "../../sandbox/run-script.ts";

/**
 * The cases with what their `transformVars` return put over their variables. A script that fails, or returns no
 * object, is an `invalid_input` that names its case: without it something else would be asked.
 */
export async function withTransformedVars(dataset: Dataset): Promise<Dataset> {
  if (!dataset.cases.some(({ transformVars }) => transformVars !== undefined)) return dataset;
  const cases: TestCase[] = [];
  for (const [index, one] of dataset.cases.entries()) cases.push(await transformed(one, index));
  return { ...dataset, cases };
}

async function transformed(testCase: TestCase, index: number): Promise<TestCase> {
  const { transformVars, vars } = testCase;
  if (transformVars === undefined) return testCase;
  let made: unknown;
  try {
    made = await runScript(
      transformVars,
      vars,
      { vars, prompt: {}, uuid: crypto.randomUUID() },
      undefined,
      "vars",
    );
  } catch (error) {
    throw invalidInput(`${describeCase(testCase, index)}: transformVars: ${(error as Error).message}`);
  }
  if (typeof made !== "object" || made === null || Array.isArray(made))
    throw invalidInput(`${describeCase(testCase, index)}: transformVars must return an object of variables`);
  return { ...testCase, vars: { ...vars, ...made } };
}
