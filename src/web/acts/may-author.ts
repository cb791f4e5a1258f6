import type { Right } from "../../domain/shapes/rights.ts";
import type { Me } from "../data/session.ts";

/** Of what is not there yet the server is asked by the act itself; the permission it has told already. */
export function mayAuthor({ permissions, role }: Me, act = "this"): Right {
  if (permissions.includes("author")) return { allowed: true };
  return {
    allowed: false,
    because: "right",
    why: `${act} takes an editor, a releaser or an admin; you are here as ${role}`,
  };
}
