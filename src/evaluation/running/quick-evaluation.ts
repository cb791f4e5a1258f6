import { counted } from "../../domain/text/counted.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import type { GatePolicy } from "../../domain/policy/policy.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { sampleCases } from "../dataset/sample-cases.ts";

/** What a quick evaluation does less of. It is said wherever its result is. */
export interface Quick {
  /** `provider/model` that is asked instead; null: the version's own. */
  readonly model: string | null;
  readonly cases: number;
  /** Cases that the dataset has. */
  readonly of: number;
}

const DEFAULT_CASES = 20;

/** A stratified sample of the cases; the dataset's own warnings say so, and which model is asked. */
export function quickDataset(
  dataset: Dataset,
  { cases = DEFAULT_CASES, model }: NonNullable<GatePolicy["quick"]> = {},
): { readonly dataset: Dataset; readonly quick: Quick } {
  const sample = sampleCases(dataset, cases);
  const quick = { model: model ?? null, cases: sample.cases.length, of: dataset.cases.length };
  if (model === undefined) return { dataset: sample, quick };
  const warning = `a quick evaluation: ${model} is asked in place of the version's own model`;
  return { dataset: { ...sample, warnings: [...sample.warnings, warning] }, quick };
}

/** The same version, asked of another model. */
export function withModel(artifact: Artifact, model: string | undefined): Artifact {
  return model === undefined ? artifact : { ...artifact, model };
}

/** One line of what it does less of. */
export function describeQuick({ model, cases, of }: Quick): string {
  const which =
    cases < of
      ? `${cases} of the ${counted(of, "case")}, each kind in proportion`
      : `every one of ${counted(of, "case")}`;
  return `quick: ${which}, ${model === null ? "with the model as written (the policy's gate.quick.model can name a cheaper one)" : `asked of ${model}`}`;
}
