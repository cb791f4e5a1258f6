import type { BrokenChain } from "./verification.ts";

/**
 * How far the chain of every prompt in the audit log had come at a moment. Kept elsewhere, it finds what the log by
 * itself cannot show: newest entries that were cut off together with their head, and a chain that was written anew.
 */
export interface AuditCheckpoint {
  readonly format: "sluice-audit-checkpoint-1";
  /** Which installation, since a restored copy has the same chains. */
  readonly installation: string;
  /** ISO 8601, by the database's clock. */
  readonly at: string;
  /** By prompt, in the order of their bytes; hashes are SHA-256 in hex. */
  readonly heads: readonly AuditHead[];
  /** SHA-256, in hex, of the canonical JSON (RFC 8785) of all the rest. */
  readonly sha256: string;
}

export interface AuditHead {
  readonly prompt: string;
  readonly seq: number;
  readonly hash: string;
}

/** Whether the log still goes through a checkpoint. */
export interface CheckpointVerification {
  readonly ok: boolean;
  /** Of the checkpoint. */
  readonly at: string;
  /** False: of another installation, or of the one that this is a copy of. */
  readonly sameInstallation: boolean;
  /** How many chains were compared. */
  readonly prompts: number;
  readonly broken: readonly BrokenChain[];
}
