import * as v from "valibot";
import type { Grants } from "../../../domain/access/grants.ts";
import { listAsMapping } from "../../../domain/list-as-mapping.ts";
import { BatchRefused, type RecordReceipt } from "../../../resolver/index.ts";
import { receipt } from "../../contract/outcomes.ts";
import { readJson } from "../../requests/json-body.ts";
import { answer, defineServing, RAW_JSON, type ServingRoute } from "../../route.ts";
import { recordBatch } from "../../serving/granted-batch.ts";
import { batchOfBody, refusedBatch } from "../../serving/outcome-body.ts";
import type { Forwarding } from "../sending/forwarding.ts";
import { outcomesReport } from "../sending/report.ts";

const NOTHING_YET = {
  exposures: 0,
  refusedExposures: 0,
  outcomes: 0,
  joined: 0,
  late: 0,
  refusedValues: 0,
} as const;

export function recordOutcomesHere(forwarding: Forwarding): ServingRoute {
  return defineServing({
    method: "POST",
    path: "/v1/outcomes",
    summary: "Exposures and outcomes, kept until the server has them",
    allow: { permission: "record", places: "filtered" },
    limit: "intake",
    bodyLimit: 16 << 20,
    body: RAW_JSON,
    answers: { 200: receipt },
    idempotency: "natural",
    async run({ body, caller }) {
      const { batch, refused } = batchOfBody(body);
      // Nothing that no server could read is kept or sent on.
      if (!isBatch(readJson(batch))) throw refusedBatch();
      const items = refused === undefined ? {} : { refusedItems: [...refused] };
      return answer(200, { ...(await taken(forwarding, batch, caller.grants)), ...items });
    },
  });
}

function isBatch(given: unknown): boolean {
  const read = v.safeParse(recordBatch, given);
  return read.success && listAsMapping(given, read.output) === undefined;
}

async function taken(
  forwarding: Forwarding,
  batch: string,
  grants: Grants,
): Promise<v.InferOutput<typeof receipt>> {
  const sent = await forwarding.take(outcomesReport(batch, grants));
  if (!sent) return { ...NOTHING_YET, spooled: true };
  const read = v.safeParse(receipt, sent.body);
  if (sent.taken && read.success) return read.output;
  throw refusedBatch();
}

/** What the relay's own resolver records goes the same way. */
export async function recordHere(forwarding: Forwarding, batch: string): Promise<RecordReceipt> {
  const sent = await forwarding.take(outcomesReport(batch, {}));
  if (sent && !sent.taken) throw new BatchRefused(`the server answered ${sent.status}`);
  return NOTHING_YET;
}
