import type { ScopeColumns } from "../../domain/scope.ts";

/** The scope in the payload of a notification; undefined when it cannot be read: then anything may have moved. */
export function scopeInHint(payload: string | undefined): ScopeColumns | undefined {
  try {
    const { label, prompt, model, tenant } = JSON.parse(payload ?? "") as Record<string, unknown>;
    if ([label, prompt, model, tenant].every((part) => typeof part === "string"))
      return { label, prompt, model, tenant } as ScopeColumns;
  } catch {
    // Not ours, or not whole.
  }
  return undefined;
}
