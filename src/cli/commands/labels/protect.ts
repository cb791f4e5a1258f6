import { protectCommand } from "./protect-command.ts";

export const run = protectCommand(true);
