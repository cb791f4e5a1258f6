/**
 * A process that answers one command line after the other, as the command itself does: started once, it does
 * not load everything anew for each. See command-hosts.ts.
 */
import { answer } from "../../src/cli/answer.ts";
import { listenForInterrupts } from "../../src/terminal/interruption.ts";
import type { HostedAnswer, HostedCommand } from "./command-hosts.ts";

const streams = [process.stdout, process.stderr] as const;
let printed = ["", ""];
// Each command listens for a reader that goes away.
for (const stream of streams) stream.setMaxListeners(0);
streams.forEach((stream, at) => {
  stream.write = (part: string | Uint8Array, ...rest: unknown[]): boolean => {
    printed[at] += typeof part === "string" ? part : Buffer.from(part).toString();
    const done = rest.findLast((given) => typeof given === "function");
    if (done) queueMicrotask(() => done());
    return true;
  };
});

listenForInterrupts();
process.on("message", (command: HostedCommand) => {
  void run(command).then((ran) => process.send!(ran));
});
process.once("disconnect", () => process.exit());

async function run({ args, cwd, env }: HostedCommand): Promise<HostedAnswer> {
  process.chdir(cwd);
  process.env = { ...env };
  process.argv.splice(2, Infinity, ...args);
  printed = ["", ""];
  const code = await answer(args);
  return { code, stdout: printed[0]!, stderr: printed[1]! };
}
