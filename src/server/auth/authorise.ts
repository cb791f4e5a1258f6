import { notFound, SluiceError } from "../../domain/errors.ts";
import { allowsLabel, allowsPrompt, allowsTenant } from "../../domain/access/grants.ts";
import { type Permission, roleMay } from "../../domain/access/permissions.ts";
import { shown } from "../../domain/text/visible.ts";
import { isLabelProtected } from "../../storage/read/label-list.ts";
import type { Parts } from "../parts.ts";
import type { Caller, Guard, Place } from "../route.ts";

/** Refuses a key whose role has not the permission at all (`forbidden`). */
export function assertRole({ key }: Caller, permission: Permission): void {
  if (roleMay(key.role, permission)) return;
  throw new SluiceError("forbidden", `a key of the role ${key.role} may not do this`, {
    role: key.role,
    permission,
  });
}

/** Refuses who is known by a server's word alone, and has shown no key (`forbidden`). */
function assertShowsKey({ key }: Caller): void {
  if (key.kind === "key") return;
  throw new SluiceError(
    "forbidden",
    "keys and trust rules are administered with an admin's key, or a session that was opened with one",
    { kind: key.kind },
  );
}

/** Refuses a key that was not granted the place. A prompt that it may not see is as one that is not there. */
export function assertPlace({ grants }: Caller, { label, prompt, tenant, use }: Place): void {
  if (prompt !== undefined && !allowsPrompt(grants, prompt)) throw noSuchPrompt(prompt);
  if (label !== undefined && !allowsLabel(grants, label))
    throw new SluiceError("forbidden", `this key is not for the label ${shown(label)}`, { label });
  const shared = use === "read" && tenant === "";
  if (tenant !== undefined && !shared && !allowsTenant(grants, tenant))
    throw new SluiceError(
      "forbidden",
      tenant === ""
        ? "this key is for some tenants alone: name the tenant"
        : `this key is not for the tenant ${shown(tenant)}`,
      { tenant },
    );
}

/** Refuses to change what a protected label serves, unless the key's role has this permission (`forbidden`). */
async function assertLabelFree(
  { db }: Pick<Parts, "db">,
  { key }: Caller,
  label: string,
  permission: Permission,
): Promise<void> {
  if (roleMay(key.role, permission) || !(await isLabelProtected(db, label))) return;
  throw new SluiceError(
    "forbidden",
    `the label ${label} is protected: a key of the role ${key.role} asks for a rollout (POST /v1/rollouts), and a releaser approves it`,
    { label, role: key.role, permission },
  );
}

/** Refuses whoever may not use a guarded route at all, before it is known what about. */
export function assertMayAsk(
  caller: Caller,
  { permission, needsKey }: Pick<Guard, "permission" | "needsKey">,
): void {
  assertRole(caller, permission);
  if (needsKey) assertShowsKey(caller);
}

/** Refuses whoever may not use a guarded route about a place. */
export async function assertMayThere(
  parts: Pick<Parts, "db">,
  caller: Caller,
  { onProtected }: Pick<Guard, "onProtected">,
  place: Place,
): Promise<void> {
  assertPlace(caller, place);
  if (onProtected && place.label !== undefined)
    await assertLabelFree(parts, caller, place.label, onProtected);
}

/** The one answer to a prompt that is not there and to one that the key may not see. */
export function noSuchPrompt(prompt: string): SluiceError {
  return notFound(`nothing is served as ${shown(prompt)} that this key may see`, { prompt });
}
