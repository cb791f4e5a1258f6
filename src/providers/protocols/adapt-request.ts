import type { ConfiguredProvider } from "../configured-provider.ts";

/** A request as a configured provider takes it: without the parameters that it drops, the others by its names. */
export function adaptRequest(
  request: Readonly<Record<string, unknown>>,
  { drops, renames }: Pick<ConfiguredProvider, "drops" | "renames">,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(request)
      .filter(([name]) => !drops.includes(name))
      .map(([name, value]) => [Object.hasOwn(renames, name) ? renames[name] : name, value]),
  );
}
