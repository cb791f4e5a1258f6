import { notFound } from "../domain/errors.ts";
import type { Parts } from "./parts.ts";
import type { Place } from "./route.ts";

/** What a key has to be granted, to look at a rollout or to ask something of it. */
export function placeOfRollout(use: Place["use"]) {
  return async (
    { params: { id } }: { readonly params: { readonly id: string } },
    { belonging }: Parts,
  ): Promise<Place> => {
    const found = (await belonging.scopesOf([id])).get(id);
    if (!found) throw noSuchRollout(id);
    const { label, prompt, tenant } = found;
    return { label, prompt, tenant, use };
  };
}

export function noSuchRollout(id: string): Error {
  return notFound("there is no such rollout that this key may see", { rolloutId: id });
}
