import { workerData } from "node:worker_threads";
import { SluiceError, unavailable } from "../../domain/errors.ts";
import { isOutsideError } from "../../domain/outside-error.ts";
import { isStoreTrouble } from "../../storage/store-failure.ts";
import { type ComputationInput, type ComputationName, COMPUTATIONS, type Store } from "./computations.ts";
import { openContents } from "../../outbound/contents/open-contents.ts";
import type { Computed, ComputedStore } from "./computed.ts";

export interface Computation<Name extends ComputationName = ComputationName> {
  readonly name: Name;
  readonly input: ComputationInput<Name>;
}

let opened: Store | undefined;

function store(): Store {
  const { databaseUrl, contents } = workerData as ComputedStore;
  return (opened ??= { url: databaseUrl, contents: contents && openContents(contents) });
}

/** Of a thread of the pool: what is passed to the others is plain, so an error crosses as what it says. */
export async function compute({ name, input }: Computation): Promise<Computed<unknown>> {
  try {
    return { ok: true, value: await COMPUTATIONS[name](store(), input as never) };
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
