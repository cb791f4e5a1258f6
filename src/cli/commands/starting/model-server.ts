import { startModelServer } from "../../../local/model-server/server.ts";
import { FAULTS, type Fault } from "../../../local/model-server/behaviour.ts";
import { invalidInput } from "../../../domain/errors.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { shown } from "../../../domain/text/visible.ts";

/** Serves until it is asked to stop. */
export async function run(context: CommandContext, given: Given<"model-server">): Promise<void> {
  const { output, signal } = context;
  const errorRate = given.number("errorRate");
  if (errorRate !== undefined && !(errorRate >= 0 && errorRate <= 1))
    throw invalidInput(`--error-rate must be from 0 to 1, not "${given.text("errorRate")}"`);
  const port = given.integer("port", { max: 65_535 });
  const seed = given.integer("seed", { max: 0xffff_ffff });
  const latencyMs = given.integer("latency", { max: 600_000 });
  const faults = faultsOf(given.text("faults"));
  const requireKey = given.text("requireKey");
  context.endsItself();
  const server = await startModelServer({
    ...(port !== undefined && { port }),
    ...(seed !== undefined && { seed }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(errorRate !== undefined && { errorRate }),
    ...(faults && { faults }),
    ...(requireKey !== undefined && { requireKey }),
  });
  const openai = `${server.url}/v1`;
  const key = requireKey ?? "local";
  output.event({ url: server.url, openaiBaseUrl: openai, anthropicBaseUrl: server.url }, () => [
    `export OPENAI_BASE_URL=${openai} OPENAI_API_KEY=${key}`,
    `export ANTHROPIC_BASE_URL=${server.url} ANTHROPIC_API_KEY=${key}`,
  ]);
  output.progress("serving until Ctrl-C");
  if (!signal.aborted)
    await new Promise((stopped) => signal.addEventListener("abort", stopped, { once: true }));
  await server.stop();
}

function faultsOf(text: string | undefined): Fault[] | undefined {
  if (text === undefined) return undefined;
  return text.split(",").map((name) => {
    const found = FAULTS.find((one) => one === name.trim());
    if (!found) throw invalidInput(`--faults: ${shown(name)} is not one of ${FAULTS.join(", ")}`);
    return found;
  });
}
