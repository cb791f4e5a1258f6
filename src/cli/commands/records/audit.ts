import { invalidInput } from "../../../domain/errors.ts";
import type { AuditCheckpoint } from "../../../domain/shapes/audit-checkpoint.ts";
import { counted } from "../../../domain/text/counted.ts";
import { assertPromptName } from "../../../domain/names.ts";
import { readNamedFile } from "../../../files/text-file.ts";
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
  const file = given.text("checkpoint");
  if (given.flag("verify")) return verify(context, prompt, file);
  if (file !== undefined) throw invalidInput("--checkpoint goes with --verify");
  const limit = given.integer("limit", { min: 1, max: 100_000 })!;
  const entries = await withSluice(context, (sluice) => sluice.audit({ prompt, limit }));
  output.result(entries, () =>
    entries.length === 0 ? ["nothing has happened yet"] : auditLines(entries, output),
  );
  return EXIT.yes;
}

const MOST_BYTES = 256 << 20;

/** All chains and pointers, or a prompt's; and whether they go through a checkpoint, where one is given. */
async function verify(
  context: CommandContext,
  prompt: string | undefined,
  file: string | undefined,
): Promise<number> {
  const { output } = context;
  const checkpoint = file === undefined ? undefined : await readCheckpointFile(file, prompt);
  const { found, since } = await withSluice(context, async (sluice) => ({
    since: checkpoint && (await sluice.verifyCheckpoint(checkpoint)),
    found: await sluice.verifyAudit({ prompt }),
  }));
  const ok = found.ok && (since?.ok ?? true);
  const broken = [...found.broken, ...(since?.broken ?? [])];
  output.result({ ...found, ok, ...(since && { checkpoint: since }) }, () =>
    wrapAll(output.width, [
      ...broken.map(({ prompt, seq, problem }) => `${prompt}, entry ${seq}: ${problem}`),
      ...found.astray.map(({ scope, problem }) => `the pointer of ${scope}: ${problem}`),
      ...(since?.ok
        ? [`it goes through the checkpoint of ${since.at}: ${counted(since.prompts, "chain")}`]
        : []),
      ok
        ? `whole: ${counted(found.entries, "entry", "entries")} of ${counted(found.prompts, "prompt")} follow from each other; the pointers agree`
        : `NOT whole: ${counted(broken.length, "broken chain")}, ${counted(found.astray.length, "pointer")} not as the log has it; ${counted(found.prompts, "prompt")} looked at`,
    ]),
  );
  if (since && !since.sameInstallation)
    output.note("the checkpoint is of another database: of one that this is a copy of, if they agree");
  return ok ? EXIT.yes : EXIT.no;
}

async function readCheckpointFile(file: string, prompt: string | undefined): Promise<AuditCheckpoint> {
  if (prompt !== undefined) throw invalidInput("a checkpoint is of all prompts: leave the name out");
  const text = await readNamedFile(file, "what sluice audit checkpoint has written", MOST_BYTES);
  // What it takes is loaded for this alone.
  const { readCheckpoint } = await import("../../../use-cases/checkpoint-audit.ts");
  return readCheckpoint(text, file);
}
