import { counted } from "../../../domain/text/counted.ts";
import type { ListedPrompt } from "../../../domain/shapes/prompts.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { unknownValueLines } from "../../showing/unknown-value-lines.ts";
import { columns } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"list">): Promise<void> {
  const { output } = context;
  const filter = {
    text: given.optional(0),
    tags: given.list("tag"),
    status: given.text("status"),
    liveFor: given.text("live"),
    model: given.text("model"),
    stale: given.flag("stale"),
  };
  const isFiltered = Object.values(filter).some((value) =>
    Array.isArray(value) ? value.length > 0 : Boolean(value),
  );
  const { prompts, archived, unknown } = await withSluice(context, (sluice) =>
    sluice.findPrompts({ ...filter, archived: given.flag("archived") }),
  );
  if (archived > 0) output.note(`${counted(archived, "archived prompt")} left out: sluice list --archived`);
  const missing = unknownValueLines(unknown);
  // The document stays a list, whoever reads it; a person is told all the same.
  if (output.json) for (const line of missing) output.note(line);
  const isNarrowed = isFiltered || given.flag("archived") || archived > 0;
  output.result(prompts, () => {
    if (prompts.length > 0) return table(prompts, output.width, filter.stale);
    if (missing.length > 0) return missing;
    return [
      isNarrowed
        ? "no prompt is like that"
        : "there is no prompt yet; create one: sluice push FILE, or start with: sluice init",
    ];
  });
}

function table(prompts: readonly ListedPrompt[], width: number, isStale: boolean): string[] {
  return columns(
    [
      { head: "prompt" },
      { head: "newest" },
      { head: "status" },
      { head: "live" },
      ...(isStale ? [{ head: "includes" }] : []),
      { head: "description" },
    ],
    prompts.map(({ prompt, newest, live, description }) => [
      prompt,
      newest === null ? "-" : `@${newest.version} (${newest.semver})`,
      newest?.status ?? "-",
      live.map(({ scope, version }) => `${scope} @${version.split("@").at(-1)}`).join(", ") || "-",
      ...(isStale ? [staleOf(newest)] : []),
      description,
    ]),
    width,
  );
}

/** `house-style@3 (newest 5)`. */
function staleOf(newest: ListedPrompt["newest"]): string {
  return (newest?.staleIncludes ?? [])
    .map((one) => `${one.prompt}@${one.version} (newest ${one.newest})`)
    .join(", ");
}
