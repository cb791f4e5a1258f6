import type { FastifyRequest } from "fastify";
import { digestText } from "../../digest.ts";
import { invalidInput } from "../../domain/errors.ts";
import { answerOnce, type KeptAnswer } from "../../use-cases/answer-once.ts";
import type { Parts } from "../parts.ts";
import { RequestRefused, statusOf } from "./problem.ts";
import type { Caller } from "../route.ts";

const HEADER = "idempotency-key";
const NAME = /^[\x21-\x7e]{1,200}$/;
const AGAIN_SECONDS = "1";

/** The name that a caller gave its request; undefined where it gave none. One that cannot be one is `invalid_input`. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const given = headers[HEADER];
  if (given === undefined) return undefined;
  if (typeof given === "string" && NAME.test(given)) return given;
  throw invalidInput("Idempotency-Key: use 1 to 200 characters of ASCII, without spaces, as in a UUID", {
    at: `header.${HEADER}`,
  });
}

/** An id that belongs to an operation: the same again for the same one. A UUID of version 8. */
export function operationUuid(operationId: string): string {
  const hex = digestText(operationId);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** Runs what its caller has named: it is done once, and whoever asks again, of any server, gets the same answer. */
export async function once(
  name: string,
  { method, url, body }: FastifyRequest,
  { key }: Caller,
  { db }: Parts,
  run: (operationId: string) => Promise<{ status: number; body: unknown; headers?: KeptAnswer["headers"] }>,
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
