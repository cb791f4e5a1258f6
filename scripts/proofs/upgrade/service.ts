// Copied into the root of the release whose library it uses, which is why it imports from there.
import { setTimeout as delay } from "node:timers/promises";

const library = new URL("src/resolver/index.ts", import.meta.url).href;
const { createResolver } = (await import(library)) as typeof import("../../../src/resolver/index.ts");
const { DATABASE_URL, PROMPT } = process.env;
const warnings: Record<string, number> = {};
const prompts = await createResolver({
  source: DATABASE_URL!,
  preload: [PROMPT!],
  onWarning: ({ code }) => void (warnings[code] = (warnings[code] ?? 0) + 1),
});
let rendered = 0;
let candidate = 0;
let source = "";
setInterval(
  () => process.stdout.write(`${JSON.stringify({ rendered, candidate, warnings, source })}\n`),
  500,
);
for (;;) {
  for (let beat = 0; beat < 20; beat++) {
    const prompt = await prompts.resolve({ prompt: PROMPT!, unit: `user-${rendered++}` });
    prompt.render({ words: "hello" });
    source = prompt.source;
    if (prompt.arm === "candidate") candidate += 1;
    // By turns, so that both arms have the same mean and nothing is decided.
    prompts.record(prompt, { metrics: { rating: 3 + (rendered % 2) } });
  }
  await delay(20);
}
