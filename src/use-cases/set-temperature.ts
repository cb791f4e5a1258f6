import type { Artifact } from "../domain/prompt/artifact.ts";
import type { Dataset } from "../evaluation/dataset/dataset.ts";
import type { PlannedComparison } from "./plan-configuration.ts";

/** Both versions as they are asked at a temperature of the test's own, which the dataset's warnings say. */
export function setTemperature(
  planned: PlannedComparison,
  temperature: number | undefined,
): PlannedComparison {
  if (temperature === undefined) return planned;
  const { candidate, baseline, dataset } = planned;
  return {
    ...planned,
    candidate: { ...candidate, artifact: withTemperature(candidate.artifact, temperature) },
    baseline: baseline && { ...baseline, artifact: withTemperature(baseline.artifact, temperature) },
    dataset: withWarning(dataset, `asked at temperature ${temperature}, in place of what the versions say`),
    altered: true,
  };
}

function withTemperature(artifact: Artifact, temperature: number): Artifact {
  return { ...artifact, params: { ...artifact.params, temperature } };
}

function withWarning(dataset: Dataset, warning: string): Dataset {
  return { ...dataset, warnings: [...dataset.warnings, warning] };
}
