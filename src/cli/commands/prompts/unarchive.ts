import type { Given, RunCommand } from "../../parsing/given.ts";
import { showArchived } from "./show-archived.ts";

export const run: RunCommand<Given<"unarchive">> = (context, given) => {
  const reason = given.requiredText("reason");
  return showArchived(context, (sluice) => sluice.unarchive(given.required(0), { reason }));
};
