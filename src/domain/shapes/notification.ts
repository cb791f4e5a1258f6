import type { AlertEvidence, AlertKind, Triage } from "./monitors.ts";
import type { Outcome, WaitingFor } from "../rollout/rollout.ts";

interface OfRollout {
  /** Of the transition, the same each time that it is sent. */
  readonly id: string;
  readonly rolloutId: string;
  readonly prompt: string;
  readonly label: string;
  /** As `support-reply@7`. */
  readonly candidate: string | null;
}

/** What a webhook is told, as it is posted. */
export type Notification =
  | (OfRollout & { readonly event: "started" | "promoted"; readonly by: string; readonly at: string })
  | (OfRollout & {
      readonly event: "advanced";
      readonly stage: number;
      readonly sharePercent: number;
      readonly at: string;
    })
  | (OfRollout & {
      readonly event: "waiting_for_approval";
      readonly waitingFor: WaitingFor;
      readonly at: string;
    })
  | (OfRollout & {
      readonly event: "ended";
      readonly outcome: Outcome | null;
      readonly reason: string | null;
      readonly endedAt: string | null;
    })
  | {
      readonly event: "pointer_moved";
      readonly id: string;
      readonly prompt: string;
      readonly label: string;
      readonly action: "pointer_set" | "rolled_back";
      /** Null: what a more general scope serves. */
      readonly from: string | null;
      readonly to: string | null;
      readonly by: string;
      readonly reason: string | null;
      readonly at: string;
    }
  | {
      readonly event: "drift";
      readonly id: string;
      readonly prompt: string;
      readonly message: string;
      readonly [more: string]: unknown;
    }
  | {
      readonly event: "dead_letters";
      readonly id: string;
      readonly prompt: string;
      readonly open: number;
      readonly newest: {
        readonly operation: string;
        readonly message: string;
        readonly [more: string]: unknown;
      };
      readonly [more: string]: unknown;
    }
  | {
      readonly event: "alert" | "alert_resolved";
      readonly id: string;
      readonly alertId: string;
      readonly kind: AlertKind;
      readonly monitor: string;
      readonly prompt: string;
      /** As `support-reply@7`. */
      readonly version: string;
      readonly label: string;
      readonly model: string | null;
      readonly tenant: string | null;
      readonly since: string;
      readonly openedAt: string;
      readonly evidence: AlertEvidence;
      readonly triage: Triage | null;
      readonly resolvedAt?: string;
      readonly resolution?: string;
    };
