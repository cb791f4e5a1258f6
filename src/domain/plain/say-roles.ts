import type { Role } from "../access/roles.ts";
import type { Grants } from "../shapes/keys.ts";

/** What a role is for, as somebody reads it who has to choose one. */
export const ROLE_SAYS: Readonly<Record<Role, string>> = {
  viewer: "sees everything, and changes nothing",
  resolver: "is for services: it serves prompts and records what came of them",
  editor: "also writes versions, tests them, and asks for rollouts; may pause, stop and roll back",
  releaser: "also starts and approves rollouts on protected labels, and closes dead letters",
  admin: "also makes keys, protects labels, and lets CI jobs in",
};

/** Where a key may do what its role says: `only the label staging; only prompts that begin with support/`. */
export function sayGrants({ labels, prompts, tenants, force }: Grants): string {
  const parts = [
    some("the label", "the labels", labels),
    prompts &&
      `only the prompts ${prompts.map((name) => (name.endsWith("/") ? `${name}…` : name)).join(", ")}`,
    some("the tenant", "the tenants", tenants),
  ].filter((part) => part !== undefined);
  const where = parts.length === 0 ? "everywhere" : parts.join("; ");
  return force === true ? `${where}; may move pointers without evidence` : where;
}

function some(one: string, more: string, names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  if (names.length === 0) return `nowhere by ${more.replace("the ", "")}`;
  return `only ${names.length === 1 ? one : more} ${names.join(", ")}`;
}
