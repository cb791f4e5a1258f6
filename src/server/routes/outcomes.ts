import * as v from "valibot";
import { BatchRefused, type RecordReceipt } from "../../resolver/index.ts";
import { receipt } from "../contract/outcomes.ts";
import type { Parts } from "../parts.ts";
import { RequestRefused } from "../problem.ts";
import { answer, can, defineRoute, RAW_JSON } from "../route.ts";
import { grantedBatch, recordBatch } from "../serving/granted-batch.ts";
import { isRestricted, readJson } from "./resolver.ts";

export const recordOutcomes = defineRoute({
  method: "POST",
  path: "/v1/outcomes",
  summary: "Exposures and outcomes, stored once however often they are sent",
  allow: can("record", "filtered"),
  limit: "intake",
  // The library sends four million characters at once, of three bytes each at most.
  bodyLimit: 16 << 20,
  body: RAW_JSON,
  answers: { 200: receipt },
  async run({ body, caller, parts }) {
    if (!isRestricted(caller.grants)) return answer(200, await stored(parts, body));
    const parsed = v.safeParse(recordBatch, readJson(body));
    if (!parsed.success) throw refused();
    const { batch, forbidden } = await grantedBatch(parsed.output, caller.grants, parts.belonging);
    return answer(200, { ...(await stored(parts, JSON.stringify(batch))), forbidden });
  },
});

async function stored({ source }: Parts, batch: string): Promise<RecordReceipt> {
  try {
    return await source.record(batch);
  } catch (error) {
    if (error instanceof BatchRefused) throw refused();
    throw error;
  }
}

/** What Postgres says of it would repeat what is in it. */
function refused(): RequestRefused {
  return new RequestRefused(
    "refused_batch",
    "the batch cannot be stored: a value in it is not of the form that docs/reference/resolver-protocol.md gives",
  );
}
