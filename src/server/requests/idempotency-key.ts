import type { FastifyRequest } from "fastify";
import { digestText } from "../../digest.ts";
import { invalidInput } from "../../domain/errors.ts";

const HEADER = "idempotency-key";
const NAME = /^[\x21-\x7e]{1,200}$/;

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
