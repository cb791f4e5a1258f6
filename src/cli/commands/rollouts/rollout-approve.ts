import { decisionCommand } from "./decision-command.ts";

export const run = decisionCommand("approve");
