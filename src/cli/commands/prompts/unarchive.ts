import { archiveCommand } from "./archive-command.ts";

export const run = archiveCommand("unarchive");
