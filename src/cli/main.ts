import { answer } from "./answer.ts";
import { listenForInterrupts } from "../terminal/interruption.ts";

const DRAIN_MS = 2_000;

listenForInterrupts();
process.exitCode = await answer(process.argv.slice(2));
// Whatever a library has left open does not keep a finished command from ending.
setTimeout(() => process.exit(), DRAIN_MS).unref();
