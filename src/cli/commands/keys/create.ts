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
  showKey(context, created);
}

/** The key is all that is on stdout, so that `KEY=$(sluice keys create …)` has it. */
export function showKey({ output }: CommandContext, created: CreatedKey): void {
  const { key, name, role } = created;
  output.result(created, () => [key]);
  if (!output.json) output.progress(`the key of ${name} (${role}); it is not shown again`);
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
