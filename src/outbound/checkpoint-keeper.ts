import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { invalidInput, messageOf, unavailable } from "../domain/errors.ts";
import type { PermittedAddresses } from "./permitted-addresses.ts";
import { bucketKeeper } from "./bucket-keeper.ts";
import { type CheckpointKeeper, checkpointName, type CheckpointSettings } from "./checkpoint-place.ts";
import { postJson } from "./post-json.ts";
import { signatureOf } from "./sign-body.ts";

const PATIENCE_MS = 10_000;

/** Reads where checkpoints go; `invalid_input` where it is no folder, no bucket and no web address. */
export function checkpointKeeper(settings: CheckpointSettings): CheckpointKeeper {
  const { place, secret, permitted } = settings;
  if (isAbsolute(place)) return folderKeeper(place);
  if (place.startsWith("s3:")) return bucketKeeper(settings);
  const url = URL.parse(place);
  if (url && /^https?:$/.test(url.protocol)) return webhookKeeper(url, secret, permitted);
  throw invalidInput(
    "SLUICE_AUDIT_CHECKPOINTS must be an absolute folder, an address that begins with https:// (or http://), or a bucket: s3://BUCKET/PREFIX?region=R",
  );
}

/** A file a checkpoint, named by its moment and hash, written once and never again. */
function folderKeeper(folder: string): CheckpointKeeper {
  return {
    place: folder,
    async keep(checkpoint) {
      const name = checkpointName(checkpoint);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, name), `${JSON.stringify(checkpoint)}\n`, { flag: "wx", flush: true });
      } catch (error) {
        throw unavailable(`${folder}: the checkpoint cannot be written (${messageOf(error)})`, { folder });
      }
    },
  };
}

function webhookKeeper(
  url: URL,
  secret: string | undefined,
  permitted: PermittedAddresses,
): CheckpointKeeper {
  return {
    place: url.origin,
    keep(checkpoint) {
      const body = JSON.stringify(checkpoint);
      const headers = {
        "content-type": "application/json",
        "idempotency-key": checkpoint.sha256,
        ...signatureOf(body, secret),
      };
      const signal = AbortSignal.timeout(PATIENCE_MS);
      return postJson({ url, headers, body, signal, permitted, what: "SLUICE_AUDIT_CHECKPOINTS" });
    },
  };
}
