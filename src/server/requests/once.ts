import type { FastifyRequest } from "fastify";
import { answerOnce, type KeptAnswer } from "../../use-cases/answer-once.ts";
import type { NamedAnswer, Parts } from "../parts.ts";
import { RequestRefused, statusOf } from "./problem.ts";
import type { Caller } from "../route.ts";

const AGAIN_SECONDS = "1";

/** Runs what its caller has named: it is done once, and whoever asks again, of any server, gets the same answer. */
export async function once(
  name: string,
  { method, url, body }: FastifyRequest,
  { key }: Caller,
  { db }: Parts,
  run: (operationId: string) => Promise<NamedAnswer>,
): Promise<KeptAnswer> {
  const outcome = await answerOnce(
    db,
    // As text: half of a surrogate pair has no canonical form.
    { id: `http/${key.account}/${name}`, request: { method, url, body: JSON.stringify(body ?? null) } },
    {
      work: async (operationId) => ({ headers: {}, ...(await run(operationId)) }),
      refuses: (error) => statusOf(error) < 500,
    },
  );
  switch (outcome.kind) {
    case "done":
      return outcome.answer;
    case "replayed": {
      const { headers, ...answer } = outcome.answer;
      return { ...answer, headers: { ...headers, "idempotency-replayed": "true" } };
    }
    case "running":
      throw new RequestRefused(
        "conflict",
        "this request is being carried out; ask again in a moment, and you get its answer",
        { "retry-after": AGAIN_SECONDS },
      );
    case "another_request":
      throw new RequestRefused(
        "key_reused",
        "this Idempotency-Key was given to another request; give each request a key of its own",
      );
  }
}
