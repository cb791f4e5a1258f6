import type { ScopeColumns } from "../../domain/scope.ts";

/** What a notification says. */
export interface PointerHint extends ScopeColumns {
  readonly revision?: number;
}

/** The scope in the payload of a notification; undefined when it cannot be read: then anything may have moved. */
export function scopeInHint(payload: string | undefined): PointerHint | undefined {
  try {
    const { label, prompt, model, tenant, revision } = JSON.parse(payload ?? "") as Record<string, unknown>;
    if ([label, prompt, model, tenant].every((part) => typeof part === "string"))
      return {
        label,
        prompt,
        model,
        tenant,
        ...(Number.isSafeInteger(revision) && { revision }),
      } as PointerHint;
  } catch {
    // Not ours, or not whole.
  }
  return undefined;
}
