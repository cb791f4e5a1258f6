import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { AuditCheckpoint } from "../domain/shapes/audit-checkpoint.ts";
import { invalidInput, messageOf, unavailable } from "../domain/errors.ts";
import type { PermittedAddresses } from "./permitted-addresses.ts";
import type { CheckpointPlace } from "./checkpoint-place.ts";
import { postJson } from "./post-json.ts";
import { signatureOf } from "./sign-body.ts";

const PATIENCE_MS = 10_000;

/** Where checkpoints of the audit log are kept: somewhere that whoever can write the database cannot. */
export interface CheckpointKeeper {
  /** For people; no secret in it. */
  readonly place: string;
  /** Keeping the same checkpoint twice is harmless. */
  keep(checkpoint: AuditCheckpoint): Promise<void>;
}

export interface CheckpointSettings extends CheckpointPlace {
  readonly permitted: PermittedAddresses;
}

/** Reads where checkpoints go; `invalid_input` where it is neither a folder nor a web address. */
export function checkpointKeeper({ place, secret, permitted }: CheckpointSettings): CheckpointKeeper {
  if (isAbsolute(place)) return folderKeeper(place);
  const url = URL.parse(place);
  if (url && /^https?:$/.test(url.protocol)) return webhookKeeper(url, secret, permitted);
  throw invalidInput(
    "SLUICE_AUDIT_CHECKPOINTS must be an absolute folder, or an address that begins with https:// (or http://)",
  );
}

/** A file a checkpoint, named by its moment and hash, written once and never again. */
function folderKeeper(folder: string): CheckpointKeeper {
  return {
    place: folder,
    async keep(checkpoint) {
      const name = `${checkpoint.at.replaceAll(":", "-")}-${checkpoint.sha256.slice(0, 8)}.json`;
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
