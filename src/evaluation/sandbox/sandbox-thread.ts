import { parentPort } from "node:worker_threads";
import { runInQuickJs } from "./quickjs-script.ts";
import type { ScriptTask } from "./script-protocol.ts";

/** The thread that scripts run in: it can be ended from outside whatever a script does. */
parentPort?.on("message", (task: ScriptTask) => {
  void runInQuickJs(task).then((answer) => parentPort?.postMessage(answer));
});
