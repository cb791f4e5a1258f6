import { listPrompts } from "../../storage/read/prompt-list.ts";
import type { CommandContext } from "../context.ts";
import { reading } from "../store.ts";
import { columns } from "../text-layout.ts";

export async function run(context: CommandContext): Promise<void> {
  const { output } = context;
  const prompts = await reading(context, listPrompts);
  output.result(prompts, () =>
    prompts.length === 0
      ? ["there is no prompt yet; create one: sluice push FILE, or start with: sluice init"]
      : columns(
          [
            { head: "prompt" },
            { head: "newest" },
            { head: "status" },
            { head: "live" },
            { head: "description" },
          ],
          prompts.map(({ prompt, newest, live, description }) => [
            prompt,
            newest === null ? "-" : `@${newest.version} (${newest.semver})`,
            newest?.status ?? "-",
            live.map(({ scope, version }) => `${scope} @${version.split("@").at(-1)}`).join(", ") || "-",
            description,
          ]),
          output.width,
        ),
  );
}
