import { userInfo } from "node:os";

/** Who is logged in on this machine, as far as it says. */
export function machineUser(): string {
  try {
    return userInfo().username || "unknown";
  } catch {
    // A container's user may have no name.
    return "unknown";
  }
}
