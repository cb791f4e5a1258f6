import { unavailable } from "../../../domain/errors.ts";
import type { Resolution } from "../../../resolver/index.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** A service would get the neutral fallback; an operator wants to know that the name or the store is wrong. */
export async function explainFallback(
  context: CommandContext,
  prompt: string,
  { reason, label }: Resolution,
): Promise<void> {
  if (prompt !== "") await withSluice(context, (sluice) => sluice.versions(prompt, { limit: 1 }));
  if (reason === "store_unreachable" || reason === "timeout")
    throw unavailable(
      `${context.config.server ? "the server" : "Postgres"} did not answer in time; try again`,
      { reason },
    );
  if (prompt === "")
    return context.output.note(
      `label ${label} has no default for this model: services get the neutral fallback`,
    );
  context.output.note(
    `nothing is live for ${label}/${prompt}: services get the neutral fallback. Make a version live: sluice rollout start ${prompt}@N`,
  );
}
