import { SluiceError } from "../../domain/errors.ts";
import { whoMay } from "../../domain/access/permissions.ts";
import type { Right } from "../../domain/shapes/rights.ts";
import type { Parts } from "../parts.ts";
import type { AnyRoute, Caller, Guard, Place, PlainRoute } from "../route.ts";
import { assertMayAsk, assertMayThere } from "../auth/authorise.ts";

export interface Asking {
  readonly caller: Caller;
  readonly parts: Pick<Parts, "db">;
}

const ALLOWED: Right = { allowed: true };

/** It is not for what it is about, as that stands. */
export function notNow(why: string): Right {
  return { allowed: false, because: "state", why };
}

/**
 * Whether a caller may use a route about a place: what the route itself would say, asked before. `onProtected`: what it
 * takes where the label is protected, if that is more than the route asks for.
 */
export async function rightTo(
  given: AnyRoute,
  place: Place,
  { caller, parts, onProtected }: Asking & Pick<Guard, "onProtected">,
): Promise<Right> {
  const { allow } = given as unknown as PlainRoute;
  if (typeof allow !== "object") return ALLOWED;
  const guard = onProtected ? { ...allow, onProtected } : allow;
  return asRight(caller, async () => {
    assertMayAsk(caller, guard);
    await assertMayThere(parts, caller, guard, place);
  });
}

/** What a check refuses, as a right that says why; anything but a refusal is thrown. */
export async function asRight({ key }: Caller, check: () => Promise<void>): Promise<Right> {
  try {
    await check();
    return ALLOWED;
  } catch (error) {
    if (!(error instanceof SluiceError && (error.code === "forbidden" || error.code === "not_found")))
      throw error;
    const { permission } = error.details;
    const why =
      typeof permission === "string" && "role" in error.details
        ? `this takes ${whoMay(permission as never)}; you are here as ${key.role}`
        : error.message;
    return { allowed: false, because: "right", why };
  }
}
