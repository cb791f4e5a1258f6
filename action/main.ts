import { readJob } from "./job.ts";
import { runAction } from "./run-action.ts";

process.exitCode = await runAction(readJob(process.env));
