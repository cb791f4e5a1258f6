import { DEFAULT_LABEL, type Scope, scopeColumns, type ScopeColumns } from "../domain/scope.ts";
import type { Place } from "./route.ts";

type Given = Omit<Scope, "label"> & { readonly prompt: string; readonly label?: string | undefined };

/** The scope that a request names, as pointers are stored: under `production` unless it says otherwise. */
export function scopeOf({ prompt, label = DEFAULT_LABEL, model, tenant }: Given): ScopeColumns {
  return scopeColumns({ label, prompt, model, tenant });
}

/** What a key has to be granted, to change what the scope serves. */
export function placeOfScope(given: Given): Place {
  const { label, prompt, tenant } = scopeOf(given);
  return { label, prompt, tenant, use: "change" };
}
