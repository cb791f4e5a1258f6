import { counted } from "../../../domain/text/counted.ts";
import { assertPromptName } from "../../../domain/names.ts";
import { describeVersionStatus } from "../../../domain/prompt/version-status.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { clock, columns } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"versions">): Promise<void> {
  const { output } = context;
  const prompt = assertPromptName(given.required(0));
  if (given.flag("usedBy")) return showUses(context, prompt);
  const limit = given.integer("limit", { min: 1, max: 1_000 })!;
  const page = given.integer("page", { min: 1, max: 1_000_000 })!;
  const { versions, all } = await withSluice(context, (sluice) =>
    sluice.findVersions(prompt, { limit, page }),
  );
  if (versions.length < all) output.note(whichOf(versions, all, { limit, page }));
  output.result(versions, () =>
    columns(
      [
        { head: "version" },
        { head: "semver" },
        { head: "status" },
        { head: "tested" },
        { head: "model" },
        { head: "tokens", align: "right" },
        { head: "author" },
        { head: "pushed" },
        { head: "message" },
      ],
      versions.map((one) => [
        `@${one.version}`,
        one.semver,
        one.live.length > 0 ? `live: ${one.live.join(", ")}` : describeVersionStatus(one),
        testedWord(one),
        one.model,
        String(one.tokens),
        one.author,
        clock(one.createdAt),
        one.message,
      ]),
      output.width,
    ),
  );
}

/** The newest are on page 1. */
function whichOf(
  versions: readonly ListedVersion[],
  all: number,
  { limit, page }: { readonly limit: number; readonly page: number },
): string {
  const pages = Math.ceil(all / limit);
  const shown = versions.length === 0 ? "nothing" : `${versions.length} of ${counted(all, "version")}`;
  const more = page < pages ? `; older ones: --page ${page + 1}` : "";
  return `${shown}, page ${page} of ${pages}${more}`;
}

async function showUses(context: CommandContext, prompt: string): Promise<void> {
  const { output } = context;
  const uses = await withSluice(context, (sluice) => sluice.uses(prompt));
  output.result(uses, () =>
    uses.length === 0
      ? [`no version includes ${prompt}`]
      : columns(
          [{ head: "version" }, { head: "used by" }, { head: "through" }, { head: "live for" }],
          uses.map((use) => [
            use.includes,
            `${use.prompt}@${use.version}`,
            use.via ?? "",
            use.live.join(", "),
          ]),
          output.width,
        ),
  );
}

export function testedWord({ tested }: Pick<ListedVersion, "tested">): string {
  if (tested === null) return "no";
  return { pass: "passed", fail: "failed", insufficient: "not enough" }[tested.verdict];
}
