import * as v from "valibot";
import type { Grants } from "../../domain/access/grants.ts";
import { BatchRefused, type RecordReceipt, RetryLater } from "../../resolver/index.ts";
import { receipt } from "../contract/outcomes.ts";
import type { Parts } from "../parts.ts";
import { answer, defineRoute, RAW_JSON } from "../route.ts";
import type { Belonging } from "../serving/belonging.ts";
import { batchOfBody, refusedBatch } from "../serving/outcome-body.ts";
import { grantedBatch, recordBatch } from "../serving/granted-batch.ts";
import { readJson } from "../requests/json-body.ts";
import { comeAgain } from "../requests/problem.ts";
import { isRestricted } from "./resolver.ts";

export const recordOutcomes = defineRoute({
  method: "POST",
  path: "/v1/outcomes",
  summary: "Exposures and outcomes, stored once however often they are sent",
  allow: { permission: "record", places: "filtered" },
  limit: "intake",
  // The library sends four million characters at once, of three bytes each at most.
  bodyLimit: 16 << 20,
  body: RAW_JSON,
  answers: { 200: receipt },
  idempotency: "natural",
  async run({ body, caller, parts }) {
    const { batch, refused: refusedItems } = batchOfBody(body);
    const kept = isRestricted(caller.grants)
      ? await grantedText(batch, caller.grants, parts.belonging)
      : { batch };
    const { batch: text, ...forbidden } = kept;
    const items = refusedItems === undefined ? {} : { refusedItems };
    return answer(200, { ...(await stored(parts, text)), ...forbidden, ...items });
  },
});

async function grantedText(text: string, grants: Grants, belonging: Belonging) {
  const parsed = v.safeParse(recordBatch, readJson(text));
  if (!parsed.success) throw refusedBatch();
  const { batch, forbidden } = await grantedBatch(parsed.output, grants, belonging);
  return { batch: JSON.stringify(batch), forbidden };
}

async function stored({ source }: Parts, batch: string): Promise<RecordReceipt> {
  try {
    return await source.record(batch);
  } catch (error) {
    if (error instanceof BatchRefused) throw refusedBatch();
    if (error instanceof RetryLater) throw comeAgain(error);
    throw error;
  }
}
