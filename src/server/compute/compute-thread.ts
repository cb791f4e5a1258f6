import { workerData } from "node:worker_threads";
import { SluiceError, unavailable } from "../../domain/errors.ts";
import { isOutsideError } from "../../domain/outside-error.ts";
import { isStoreTrouble } from "../../storage/store-failure.ts";
import { type ComputationInput, type ComputationName, COMPUTATIONS } from "./computations.ts";
import type { Computed } from "./computed.ts";

export interface Computation<Name extends ComputationName = ComputationName> {
  readonly name: Name;
  readonly input: ComputationInput<Name>;
}

/** Of a thread of the pool: what is passed to the others is plain, so an error crosses as what it says. */
export async function compute({ name, input }: Computation): Promise<Computed<unknown>> {
  const { databaseUrl } = workerData as { readonly databaseUrl: string };
  try {
    return { ok: true, value: await COMPUTATIONS[name](databaseUrl, input as never) };
  } catch (error) {
    const { code, message, details } = inWords(error);
    return { ok: false, code, message, details };
  }
}

function inWords(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  if (isStoreTrouble(error) || isOutsideError(error))
    return unavailable("a part outside of this server failed; try again in a moment");
  throw error;
}
