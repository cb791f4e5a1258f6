import type { Role } from "./roles.ts";

/** What may be asked of a server, by what it takes to be let. */
export const PERMISSIONS = [
  /** Prompts, pointers, rollouts, usage, the audit log, who serves what. */
  "read",
  /** What a service needs: resolve, render, the stream, saying what it serves. */
  "serve",
  /** Exposures, outcomes and scores: what rollouts are decided by. */
  "record",
  /** Push versions, evaluate, plan, simulate. */
  "author",
  /** Start, promote, approve or set where the label is not protected; pause, abort and roll back anywhere. */
  "release",
  /** The same on a protected label; further back than the previous version; dead letters. */
  "release_protected",
  /** Set a pointer without evidence. */
  "force",
  /** Keys, labels. */
  "administer",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ["read"],
  resolver: ["serve", "record"],
  editor: ["read", "serve", "author", "release"],
  releaser: ["read", "serve", "author", "release", "release_protected"],
  admin: PERMISSIONS,
};

/** Whether a role may do this at all; `force` may be granted to a releaser's key. */
export function roleMay(role: Role, permission: Permission): boolean {
  return BY_ROLE[role].includes(permission);
}
