import type { ScopeColumns } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";
import { storableJson } from "../storable-json.ts";

export type AuditAction =
  | "version_pushed"
  | "prompt_archived"
  | "prompt_unarchived"
  | "rollout_started"
  | "stage_opened"
  | "promoted"
  | "rolled_back"
  | "rollout_ended"
  | "paused"
  | "resumed"
  | "approved"
  | "rejected"
  | "pointer_set"
  | "holdback_ended"
  | "decision_version_moved"
  | "anchor_named"
  | "dead_letter_resolved"
  | "pause_requested"
  | "resume_requested"
  | "promote_requested"
  | "abort_requested"
  | "label_protected"
  | "label_unprotected"
  | "label_changed"
  | "evaluation_requested"
  | "evaluation_stopped"
  | "propagation_started"
  | "key_created"
  | "key_rotated"
  | "key_revoked"
  | "session_ended"
  | "trust_rule_added"
  | "trust_rule_removed"
  | "manifest_published"
  | "manifest_forgotten"
  | "monitors_set"
  | "monitor_muted"
  | "monitor_unmuted"
  | "alert_opened"
  | "alert_resolved"
  | "alert_acknowledged";

export interface AuditEntry {
  readonly prompt: string;
  readonly action: AuditAction;
  readonly scope?: ScopeColumns;
  readonly rolloutId?: string | null;
  readonly operationId?: string;
  readonly fromVersion?: string | null;
  readonly toVersion?: string | null;
  readonly revision?: number;
  readonly reason?: string | null;
  /** Who says they did it, where the database only knows a shared login. */
  readonly assertedActor?: string | null;
  readonly details?: Record<string, unknown>;
}

/** Appends to the prompt's chain. Number, time, actor and hashes are the database's (migrations/). */
export async function appendAudit(transaction: Transaction, entry: AuditEntry): Promise<void> {
  await transaction
    .insertInto("audit")
    .values({
      prompt: entry.prompt,
      action: entry.action,
      label: entry.scope?.label ?? null,
      model: entry.scope?.model ?? null,
      tenant: entry.scope?.tenant ?? null,
      rollout_id: entry.rolloutId ?? null,
      operation_id: entry.operationId ?? null,
      from_version: entry.fromVersion ?? null,
      to_version: entry.toVersion ?? null,
      revision: entry.revision ?? null,
      reason: entry.reason ?? null,
      asserted_actor: entry.assertedActor ?? null,
      details: storableJson(entry.details ?? {}),
    })
    .execute();
}
