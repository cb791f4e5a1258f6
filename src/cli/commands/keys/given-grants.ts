import type { Grants } from "../../../domain/access/grants.ts";
import type { Given } from "../../parsing/given.ts";

/** Where a key, or what a rule lets in, may do what its role says: what was typed of it. */
export function readGrants(given: Given<"keys create"> | Given<"trust add">): Grants {
  const list = (name: "onlyLabel" | "onlyPrompt" | "onlyTenant") =>
    given.list(name).length > 0 ? [...given.list(name)] : undefined;
  const labels = list("onlyLabel");
  const prompts = list("onlyPrompt");
  const tenants = list("onlyTenant");
  return {
    ...(labels && { labels }),
    ...(prompts && { prompts }),
    ...(tenants && { tenants }),
    ...(given.flag("force") && { force: true }),
  };
}

/** The same for a line of a list. */
export function grantsText({ labels, prompts, tenants, force, browserScores }: Grants): string {
  const parts = [
    labels && `labels ${labels.join(", ")}`,
    prompts && `prompts ${prompts.join(", ")}`,
    tenants && `tenants ${tenants.join(", ")}`,
  ].filter((part) => part !== undefined);
  const more = [...(force ? ["may force"] : []), ...(browserScores ? ["scores from browsers"] : [])];
  return `${parts.join("; ") || "everything"}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}
