import type { Given, RunCommand } from "../../parsing/given.ts";
import { showArchived } from "./show-archived.ts";

export const run: RunCommand<Given<"archive">> = (context, given) => {
  const why = { reason: given.requiredText("reason"), stillServed: given.flag("stillServed") };
  return showArchived(context, (sluice) => sluice.archive(given.required(0), why));
};
