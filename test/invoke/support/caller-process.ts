/** A service of its own that calls the model when it is told to, and says what came of it. */
import { createInvoker } from "../../../src/invoke/index.ts";
import { createResolver } from "../../../src/resolver/index.ts";
import { type CallerAnswer, type CallerOrder, PROMPT } from "./caller.ts";

const [source, modelUrl] = process.argv.slice(2) as [string, string];
const resolver = await createResolver({
  source,
  preload: [PROMPT],
  onWarning: () => undefined,
  fleet: false,
});
const invoker = createInvoker({
  resolver,
  providers: { openai: { apiKey: "local", baseURL: `${modelUrl}/v1` } },
  limits: { maxRetries: 0 },
});

async function carryOut({ n, order }: CallerOrder): Promise<CallerAnswer> {
  if (order === "health") {
    const endpoint = invoker.health().find(({ model }) => model === null);
    return { n, said: endpoint?.state ?? "unknown" };
  }
  const said = await invoker.invoke({ prompt: PROMPT, variables: { question: "And now?" } }).then(
    () => "ok",
    (error: { kind?: string; message: string }) => error.kind ?? error.message,
  );
  return { n, said, at: Date.now() };
}

process.on("message", (order: CallerOrder) => {
  void carryOut(order).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
