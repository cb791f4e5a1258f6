import { writeNamedFile } from "../../../files/write-named-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { Evaluated } from "./run-planned-evaluation.ts";

/** Writes the reports that `--junit`, `--markdown` and `--output` name. */
export async function writeEvaluationFiles({ columns }: Evaluated, given: Given<"eval">): Promise<void> {
  const junit = given.text("junit");
  if (junit !== undefined) {
    const { junitReports } = await import("../../../evaluation/reports/junit.ts");
    await writeNamedFile(
      junit,
      junitReports(columns.map(({ report, candidate }) => ({ report, name: candidate.name }))),
    );
  }
  const markdown = given.text("markdown");
  if (markdown !== undefined) {
    const { markdownReport } = await import("../../../evaluation/reports/markdown.ts");
    const parts = columns.map(({ report, candidate, baseline }) =>
      markdownReport(report, { candidate: candidate.name, baseline: baseline?.name }),
    );
    await writeNamedFile(markdown, parts.join("\n"));
  }
  const output = given.text("output");
  if (output !== undefined) {
    const { promptfooOutputs } = await import("../../../evaluation/reports/promptfoo-output.ts");
    const timestamp = new Date().toISOString();
    const parts = columns.map(({ report, candidate, baseline, vars }) => ({
      report,
      facts: {
        evalId: `sluice-${report.candidateSha256.slice(0, 8)}-${timestamp}`,
        timestamp,
        candidateLabel: candidate.name,
        baselineLabel: baseline?.name,
        candidateModel: candidate.artifact.model,
        baselineModel: baseline?.artifact.model,
        vars,
      },
    }));
    await writeNamedFile(output, `${JSON.stringify(promptfooOutputs(parts), null, 2)}\n`);
  }
}
