import { counted } from "../../../domain/text/counted.ts";
import { assertPromptName } from "../../../domain/names.ts";
import { auditLines } from "../../showing/audit-lines.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { withSluice } from "../../store.ts";
import { wrapAll } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"audit">): Promise<number> {
  const { output } = context;
  const name = given.optional(0);
  const prompt = name === undefined ? undefined : assertPromptName(name);
  if (given.flag("verify")) return verify(context, prompt);
  const limit = given.integer("limit", { min: 1, max: 100_000 })!;
  const entries = await withSluice(context, (sluice) => sluice.audit({ prompt, limit }));
  output.result(entries, () =>
    entries.length === 0 ? ["nothing has happened yet"] : auditLines(entries, output),
  );
  return EXIT.yes;
}

/** All chains and pointers, or a prompt's. */
async function verify(context: CommandContext, prompt: string | undefined): Promise<number> {
  const { output } = context;
  const found = await withSluice(context, (sluice) => sluice.verifyAudit({ prompt }));
  output.result(found, () =>
    wrapAll(output.width, [
      ...found.broken.map(({ prompt, seq, problem }) => `${prompt}, entry ${seq}: ${problem}`),
      ...found.astray.map(({ scope, problem }) => `the pointer of ${scope}: ${problem}`),
      found.ok
        ? `whole: ${counted(found.entries, "entry", "entries")} of ${counted(found.prompts, "prompt")} follow from each other; the pointers agree`
        : `NOT whole: ${counted(found.broken.length, "broken chain")}, ${counted(found.astray.length, "pointer")} not as the log has it; ${counted(found.prompts, "prompt")} looked at`,
    ]),
  );
  return found.ok ? EXIT.yes : EXIT.no;
}
