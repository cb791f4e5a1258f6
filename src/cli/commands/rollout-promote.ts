import { controlCommand } from "../control-command.ts";

export const run = controlCommand(
  "promote",
  (candidate) =>
    `${candidate} is promoted as soon as nothing speaks against it: harm, gate and approvals still count`,
);
