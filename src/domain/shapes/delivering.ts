import type { AppliedStart, PlannedEnvironment } from "./syncing.ts";

/** One prompt of a manifest: where its file is, and the hash of what it says. */
export interface ManifestPrompt {
  readonly prompt: string;
  /** From the folder of `sluice.yaml`. */
  readonly path: string;
  readonly sha256: string;
}

/** An environment as a manifest has it. */
export interface ManifestEnvironment {
  readonly name: string;
  readonly label: string;
  /** The environment in which a version has to be live first; null: none. */
  readonly from: string | null;
  readonly liveForMs: number;
  /** An absent part is null. */
  readonly scopes: readonly { readonly model: string | null; readonly tenant: string | null }[];
}

/** What a repository's prompts are at one commit, and where they are to go. */
export interface Manifest {
  /** `github.com/acme/prompts`, and after a colon the folder of its `sluice.yaml` where that is not the top. */
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly committedAt: string;
  readonly owner: "git" | "both";
  readonly environments: readonly ManifestEnvironment[];
  readonly prompts: readonly ManifestPrompt[];
}

/** A manifest as the store has it. */
export interface PublishedManifest extends Manifest {
  /** Grows by one whenever another one takes its place. */
  readonly revision: number;
  readonly publishedAt: string;
  readonly publishedBy: string;
}

/** What no manifest says any more. */
export interface ForgottenManifest {
  readonly repository: string;
  readonly prompts: readonly string[];
  /** All of the repository, with its environments. */
  readonly whole: boolean;
}

/** Prompts that one manifest may hold. */
export const MOST_MANIFEST_PROMPTS = 5_000;

/** What publishing one is answered with. */
export interface Publication {
  readonly repository: string;
  readonly commit: string;
  readonly revision: number;
  /** False: it was the one that is published. */
  readonly changed: boolean;
  /** The commit whose manifest it has taken the place of. */
  readonly replaced: string | null;
}

/** `details.kind` of the conflict that another manifest was published meanwhile. */
export const MANIFEST_MOVED = "manifest_moved";

export const DELIVERY_STATES = [
  /** A rollout of it is under way, or about to start. */
  "rolling_out",
  /** For the time that it has to be live in an environment. */
  "waiting",
  /** Live in every environment. */
  "delivered",
  /** A later commit says something else. */
  "replaced",
  /** Rejected or taken back in an environment. */
  "refused",
  /** Nothing goes on by itself: somebody has to look. */
  "stopped",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One version on its way through the environments, for one commit. */
export interface ListedDelivery {
  readonly deliveryId: string;
  readonly prompt: string;
  /** `support-reply@8`. */
  readonly version: string;
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly state: DeliveryState;
  /** One sentence. */
  readonly reason: string;
  /** When it looks again by itself; null: when something happens, or never. */
  readonly wakesAt: string | null;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** How it stands now in each environment of the published manifest. */
  readonly environments: readonly PlannedEnvironment[];
}

/** A rollout that a delivery waits for. */
export interface AwaitedRollout {
  readonly rolloutId: string;
  /** `live`: until it has made its version live, or ended otherwise; `end`: until it has ended. */
  readonly until: "live" | "end";
}

/** What starting a delivery, or joining one, is answered with. */
export interface StartedDelivery {
  readonly delivery: ListedDelivery;
  /** The rollouts that nothing stood in the way of. */
  readonly started: readonly AppliedStart[];
}
