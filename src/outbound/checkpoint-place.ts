import type { AuditCheckpoint } from "../domain/shapes/audit-checkpoint.ts";
import { type BucketLogin, readBucketLogin } from "./bucket-login.ts";
import type { PermittedAddresses } from "./permitted-addresses.ts";

/** Where checkpoints of the audit log are kept. */
export interface CheckpointPlace {
  /** An absolute folder, a web address that each is posted to, or `s3://BUCKET/PREFIX?region=R`. */
  readonly place: string;
  /** What posts are signed with. */
  readonly secret: string | undefined;
  /** What writes to a bucket are signed with, where the environment has it. */
  readonly bucketLogin: BucketLogin | undefined;
}

export interface CheckpointSettings extends CheckpointPlace {
  readonly permitted: PermittedAddresses;
}

/** Where checkpoints of the audit log are kept: somewhere that whoever can write the database cannot. */
export interface CheckpointKeeper {
  /** For people; no secret in it. */
  readonly place: string;
  /** Keeping the same checkpoint twice is harmless. */
  keep(checkpoint: AuditCheckpoint): Promise<void>;
}

/** The same for the same checkpoint, and in the order of time. */
export function checkpointName({ at, sha256 }: AuditCheckpoint): string {
  return `${at.replaceAll(":", "-")}-${sha256.slice(0, 8)}.json`;
}

export function readCheckpointPlace(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): CheckpointPlace | undefined {
  const place = value("SLUICE_AUDIT_CHECKPOINTS");
  const signing = secret("SLUICE_AUDIT_CHECKPOINTS_SECRET");
  if (place === undefined) return undefined;
  const bucketLogin = place.startsWith("s3:") ? readBucketLogin(value, secret) : undefined;
  return { place, secret: signing, bucketLogin };
}
