import { controlCommand } from "./control-command.ts";

export const run = controlCommand("resume", (candidate) => `the rollout of ${candidate} goes on`);
