import { resolve } from "node:path";
import { counted } from "../../../domain/text/counted.ts";
import { readBundleAddress } from "../../../outbound/bundles/bundle-address.ts";
import { openBundleWriter } from "../../../outbound/bundles/open-bundle-writer.ts";
import type { Snapshot } from "../../../resolver/snapshot/snapshot-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** A place that takes nothing for so long is given up, in ms. */
const PATIENCE_MS = 30_000;

/** What a label serves, as the file that the resolver library reads, wherever services look for it. */
export async function run(context: CommandContext, given: Given<"bundle">): Promise<void> {
  const to = given.text("to");
  const address = to === undefined ? undefined : readBundleAddress(to);
  const readAt = Date.now();
  const text = await withSluice(context, (sluice) =>
    sluice.bundle({ label: given.text("label"), prefix: given.text("prefix") }),
  );
  if (address === undefined) return context.output.fileResult(JSON.parse(text), () => text);
  const { sha256, body } = JSON.parse(text) as { readonly sha256: string; readonly body: Snapshot };
  const writer = await openBundleWriter(
    address.kind === "file" ? { ...address, path: resolve(context.cwd, address.path) } : address,
  );
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE_MS)]);
    await writer.write({ text, sha256, readAt }, signal);
  } finally {
    await writer.close();
  }
  const [pointers, versions] = [body.pointers.length, body.versions.length];
  const { place } = address;
  const at = address.kind === "file" ? { file: place } : { place };
  context.output.result({ ...at, sha256, pointers, versions }, () => [
    `${place}: ${counted(versions, "version")} behind ${counted(pointers, "pointer")}, ${sha256.slice(0, 12)}`,
  ]);
}
