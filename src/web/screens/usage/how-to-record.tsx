import { Command } from "../../parts/page.tsx";

/** Before anything was recorded: what a service does to have it here. */
export function HowToRecord({ prompt, label }: { readonly prompt: string; readonly label: string }) {
  return (
    <div class="empty">
      <p>
        Nothing was recorded of {prompt} in {label} in this time. A service records what came of each answer:
      </p>
      <pre class="text">{`const prompt = await prompts.resolve({ prompt: "${prompt}", unit: userId });
// … the model answers, and the user rates it …
prompts.record(prompt, { metrics: { rating: 5, latency_ms: 861, tokens: 312 }, feedback: "Thank you!" });`}</pre>
      <p>The same by hand, to see it here:</p>
      <Command text={`sluice record ${prompt}@1 --unit user-1 --metric rating=5`} />
    </div>
  );
}
