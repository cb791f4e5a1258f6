import { invalidInput } from "../../domain/errors.ts";

/** Why what looks like a secret may be pushed, of a command that takes --allow-secret; undefined where it may not. */
export function allowedSecret(given: {
  flag(name: "allowSecret"): boolean;
  text(name: "reason"): string | undefined;
}): string | undefined {
  const reason = given.text("reason");
  if (!given.flag("allowSecret")) {
    if (reason !== undefined) throw invalidInput("--reason goes with --allow-secret");
    return undefined;
  }
  if (reason === undefined || reason.trim() === "")
    throw invalidInput("--allow-secret needs a --reason, which is kept in the audit trail");
  return reason;
}
