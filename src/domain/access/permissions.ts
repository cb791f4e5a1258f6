import { type Role, ROLES } from "./roles.ts";

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

/** The roles that may do this, for a sentence: `a releaser or an admin`. */
export function whoMay(permission: Permission): string {
  const roles = ROLES.filter((role) => roleMay(role, permission)).map(
    (role) => `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`,
  );
  return roles.length < 2 ? (roles[0] ?? "nobody") : `${roles.slice(0, -1).join(", ")} or ${roles.at(-1)}`;
}
