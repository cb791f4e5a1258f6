/** An invocation beside the bare SDK, against the same scripted model at the same moments: `npm run bench -- invoke`. */
import OpenAI from "openai";
import { createInvoker } from "../src/invoke/index.ts";
import { startModelServer } from "../src/local/model-server/server.ts";
import { createResolver, MemorySource } from "../src/resolver/index.ts";
import type { Bench, Row } from "./row.ts";

const ROUNDS = 3_000;
const WARM = 300;
const QUESTION = "How do I reset my password?";
const MODEL = "gpt-5.4-mini";
const SYSTEM = "You answer questions of customers about Kettle. Be brief.";

export const run: Bench = async ({ count = ROUNDS, progress }) => {
  const model = await startModelServer();
  const source = new MemorySource();
  const active = source.addVersion("support", {
    syntax: "jinja",
    model: `openai/${MODEL}`,
    params: {},
    variables: { question: { type: "string", required: true } },
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: "{{ question }}" },
    ],
  });
  source.setPointer({ label: "production", prompt: "support" }, { active });
  const resolver = await createResolver({ source, preload: ["support"] });
  const endpoint = { apiKey: "local", baseURL: `${model.url}/v1` };
  const invoker = createInvoker({ resolver, providers: { openai: endpoint } });
  const bare = new OpenAI({ ...endpoint, maxRetries: 0 });
  const request = { prompt: "support", unit: "ada", variables: { question: QUESTION } };
  const body = {
    model: MODEL,
    messages: [
      { role: "system" as const, content: SYSTEM },
      { role: "user" as const, content: QUESTION },
    ],
  };
  const ours = async () => void (await invoker.invoke(request));
  const theirs = async () => void (await bare.chat.completions.create(body));
  const firstOfOurs = async () => {
    for await (const event of invoker.stream(request)) if (event.type === "text") return;
  };
  const firstOfTheirs = async () => {
    const stream = await bare.chat.completions.create({ ...body, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) return;
  };
  progress("whole answers");
  const whole = await inTurns(count, ours, theirs);
  progress("first texts of streams");
  const first = await inTurns(count, firstOfOurs, firstOfTheirs);
  await invoker.close();
  await resolver.close();
  await model.stop();
  return [
    row("whole answer, p50: more than the bare SDK", whole, 0.5, 0.6),
    row("whole answer, p99: more than the bare SDK", whole, 0.99, 3),
    row("first text of a stream, p50: later than the bare SDK", first, 0.5, 1),
  ];
};

type Times = Readonly<Record<"ours" | "theirs", readonly number[]>>;

/** In turns, so that whatever else the machine does meets both. */
async function inTurns(
  count: number,
  ours: () => Promise<void>,
  theirs: () => Promise<void>,
): Promise<Times> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let n = 0; n < count + WARM; n++)
    for (const who of n % 2 === 0 ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const)) {
      const began = performance.now();
      await (who === "ours" ? ours() : theirs());
      if (n >= WARM) times[who].push(performance.now() - began);
    }
  return { ours: times.ours.toSorted((a, b) => a - b), theirs: times.theirs.toSorted((a, b) => a - b) };
}

function row(work: string, { ours, theirs }: Times, share: number, goal: number): Row {
  const at = (times: readonly number[]) => times[Math.floor(times.length * share)]!;
  const [own, peer] = [at(ours), at(theirs)];
  return {
    work,
    ours: own - peer,
    unit: "ms",
    peer,
    peerName: "openai SDK alone",
    limit: null,
    ratio: own / peer,
    goal,
    met: own - peer <= goal,
    runs: ours.length,
  };
}
