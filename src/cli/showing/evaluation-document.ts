import type { Quick } from "../../evaluation/running/quick-evaluation.ts";
import type { Evaluated, EvaluatedColumn } from "../commands/evaluating/run-planned-evaluation.ts";

/**
 * What `sluice eval --json` prints: `dataset` is its name, the rest of what is known of it beside. Of several
 * columns the sums, each result with its column's name, and under `columns` each one's own numbers.
 */
export function evaluationDocument(
  subject: string,
  { report, columns }: Evaluated,
  quick: Quick | undefined,
) {
  const common = { quick: quick ?? null };
  const [only] = columns;
  if (columns.length === 1) return { ...columnDocument(only!), ...common };
  // What is said of one version's text is no sum.
  const {
    dataset,
    findings: _findings,
    promptTokens: _promptTokens,
    costPerThousandCalls: _costPerThousandCalls,
    candidateSha256: _candidateSha256,
    baselineSha256: _baselineSha256,
    ...sums
  } = report;
  return {
    candidate: subject,
    versionId: null,
    baseline: null,
    baselineId: null,
    dataset: dataset.name,
    datasetSha256: dataset.sha256,
    ...sums,
    results: columns.flatMap(({ candidate, report: own }) =>
      own.results.map((result) => ({ column: candidate.name, ...result })),
    ),
    columns: columns.map((column) => {
      const { results: _, ...own } = columnDocument(column);
      return own;
    }),
    ...common,
  };
}

function columnDocument({ report, candidate, baseline }: EvaluatedColumn) {
  const { dataset, ...rest } = report;
  return {
    candidate: candidate.name,
    versionId: candidate.versionId,
    baseline: baseline?.name ?? null,
    baselineId: baseline?.versionId ?? null,
    dataset: dataset.name,
    datasetSha256: dataset.sha256,
    ...rest,
  };
}
