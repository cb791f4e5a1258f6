import * as v from "valibot";
import { type Grants, grantsSchema } from "../../../domain/access/grants.ts";

/** What is sent on: a request that was taken here. */
export interface Report {
  readonly path: string;
  readonly type: string;
  /** JSON as text, anything else in base64. */
  readonly body: string;
  readonly isBinary: boolean;
  /** Of the key that it came with: the server holds it to these beside the relay's own. */
  readonly grants: Grants;
}

const schema = v.object({
  path: v.string(),
  type: v.string(),
  body: v.string(),
  isBinary: v.boolean(),
  grants: grantsSchema,
});

/** A report as it is kept; undefined for a text that is none. */
export function readReport(text: string | undefined): Report | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text ?? ""));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

export const OUTCOMES_PATH = "/v1/outcomes";

/** A report of outcomes. */
export function outcomesReport(batch: string, grants: Grants): Report {
  return { path: OUTCOMES_PATH, type: "application/json", body: batch, isBinary: false, grants };
}

interface Batch {
  readonly exposures: readonly unknown[];
  readonly outcomes: readonly unknown[];
}

function batchOf({ body }: Report): Batch {
  const { exposures = [], outcomes = [] } = JSON.parse(body) as Partial<Batch>;
  return { exposures, outcomes };
}

const withBatch = (report: Report, batch: Batch): Report => ({ ...report, body: JSON.stringify(batch) });

/** Reports of outcomes under the same grants as one; a single one stays as it is. */
export function together(reports: readonly Report[]): Report {
  const [first, ...others] = reports;
  if (others.length === 0) return first!;
  const batches = reports.map(batchOf);
  return withBatch(first!, {
    exposures: batches.flatMap(({ exposures }) => exposures),
    outcomes: batches.flatMap(({ outcomes }) => outcomes),
  });
}

/** Two halves of a report of outcomes, the exposures first; undefined where it cannot be halved. */
export function halved(report: Report): readonly [Report, Report] | undefined {
  if (report.path !== OUTCOMES_PATH) return undefined;
  const { exposures, outcomes } = batchOf(report);
  const middle = (exposures.length + outcomes.length) >> 1;
  if (middle === 0) return undefined;
  const first = {
    exposures: exposures.slice(0, middle),
    outcomes: outcomes.slice(0, Math.max(0, middle - exposures.length)),
  };
  return [
    withBatch(report, first),
    withBatch(report, {
      exposures: exposures.slice(first.exposures.length),
      outcomes: outcomes.slice(first.outcomes.length),
    }),
  ];
}
