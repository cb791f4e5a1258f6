import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { invalidInput } from "../../../domain/errors.ts";
import { counted } from "../../../domain/text/counted.ts";
import type { Snapshot } from "../../../resolver/snapshot/snapshot-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** What a label serves, as the file that the resolver library reads. */
export async function run(context: CommandContext, given: Given<"bundle">): Promise<void> {
  const text = await withSluice(context, (sluice) =>
    sluice.bundle({ label: given.text("label"), prefix: given.text("prefix") }),
  );
  const to = given.text("to");
  if (to === undefined) return context.output.fileResult(JSON.parse(text), () => text);
  await replaceFile(resolve(context.cwd, to), text, to);
  const { sha256, body } = JSON.parse(text) as { readonly sha256: string; readonly body: Snapshot };
  const [pointers, versions] = [body.pointers.length, body.versions.length];
  context.output.result({ file: to, sha256, pointers, versions }, () => [
    `${to}: ${counted(versions, "version")} behind ${counted(pointers, "pointer")}, ${sha256.slice(0, 12)}`,
  ]);
}

/** Written beside, and moved into its place: a service that looks meanwhile never reads half of it. */
async function replaceFile(path: string, text: string, shown: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    throw invalidInput(`${shown}: cannot be written (${code}); name a file in a folder that exists`, {
      path: shown,
    });
  }
}
