import { controlCommand } from "./control-command.ts";

export const run = controlCommand(
  "pause",
  (candidate) => `the rollout of ${candidate} is paused; its share, lease and harm checks go on`,
);
