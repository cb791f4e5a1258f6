import { controlCommand } from "../control-command.ts";

export const run = controlCommand("abort", (candidate) => `the rollout of ${candidate} is being ended`);
