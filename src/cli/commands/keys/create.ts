import { invalidInput } from "../../../domain/errors.ts";
import type { Role } from "../../../domain/access/roles.ts";
import type { CreatedKey } from "../../../domain/shapes/keys.ts";
import { parseDuration } from "../../../domain/policy/quantity.ts";
import { shown } from "../../../domain/text/visible.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { readGrants } from "./given-grants.ts";
import { readLangfuseGrants } from "./langfuse-grants.ts";

export async function run(context: CommandContext, given: Given<"keys create">): Promise<void> {
  const request = {
    name: given.requiredText("name"),
    role: given.requiredText("role") as Role,
    owner: given.text("owner")?.trim() || undefined,
    grants: { ...readGrants(given), ...readLangfuseGrants(given) },
    expiresInMs: readLife(given.text("expires")),
  };
  const created = await withSluice(context, (sluice) => sluice.createKey(request));
  context.output.result(created, () => keyLines(created));
}

/** The key stands alone on its line, to be copied or piped. */
export function keyLines({ key, name, role }: CreatedKey): string[] {
  return [key, `the key of ${name} (${role}); it is not shown again`];
}

function readLife(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return text === "never" ? null : readDuration("expires", text);
}

/** A duration that was typed; anything else is `invalid_input`. */
export function readDuration(option: string, text: string): number {
  const ms = text.trim() === "0" ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  throw invalidInput(`--${option} must be a duration such as 1h or 30d, not ${shown(text)}`, { option });
}
