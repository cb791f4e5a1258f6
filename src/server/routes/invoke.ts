import type * as v from "valibot";
import { SluiceError } from "../../domain/errors.ts";
import type { Invocation, StreamRequest } from "../../invoke/index.ts";
import { LiveInvoker } from "../../invoke/live-invoker.ts";
import { keepDailyBudget } from "../../use-cases/keep-daily-budget.ts";
import { accountOf } from "../auth/account-of.ts";
import { invokeBody, invoked } from "../contract/invoke.ts";
import { streamWork } from "../event-stream.ts";
import type { Parts } from "../parts.ts";
import { answer, type Caller, defineRoute, defineStream } from "../route.ts";
import { placeOf, requestOf } from "../serving/asked-prompt.ts";
import { resolveFor } from "../serving/resolve-for.ts";

export const invokePrompt = defineRoute({
  method: "POST",
  path: "/v1/invoke",
  summary: "An answer of the model, by the prompt that a unit is served",
  about:
    "Resolves, renders, asks the version's model with this server's keys, and records what came of it: the exposure of the unit, and one outcome with latency, tokens, cost and failures. Paid from what the key's owner may spend a day (SLUICE_INVOKE_USD).",
  allow: { permission: "serve", places: ({ body }) => placeOf(requestOf(body)) },
  limit: "serve",
  bodyLimit: 4 << 20,
  body: invokeBody,
  answers: { 200: invoked },
  idempotency: "none",
  async run({ body, caller, parts, signal }) {
    assertOpen(parts);
    const invoker = await invokerFor(parts, caller);
    return answer(200, told(await invoker.invoke({ ...readRequest(body), signal })));
  },
});

export const streamInvocation = defineStream({
  method: "POST",
  path: "/v1/invoke/stream",
  summary: "Server-sent events: the same answer as it comes",
  about:
    "`event: start` with the model, `event: text` with each piece, `event: tool_call`, then `event: end` with all that /v1/invoke answers, or `event: error`; a stream without either has broken off. Closing it ends the call, which is recorded as cancelled.",
  allow: { permission: "serve", places: ({ body }) => placeOf(requestOf(body)) },
  limit: "serve",
  bodyLimit: 4 << 20,
  body: invokeBody,
  idempotency: "none",
  async prepare({ parts }) {
    assertOpen(parts);
  },
  open({ body, caller, parts, requestId }, response) {
    streamWork(response, {
      parts,
      caller,
      requestId,
      async work({ send, signal }) {
        const invoker = await invokerFor(parts, caller);
        const stream = invoker.stream({ ...readRequest(body), signal });
        for await (const { type, ...event } of stream) if (type !== "finish") send(type, event);
        return told(await stream.result);
      },
    });
  },
});

function assertOpen({ invokeUsd }: Parts): void {
  if (invokeUsd === 0)
    throw new SluiceError(
      "forbidden",
      "this server asks no models for services: it gives no money for it (SLUICE_INVOKE_USD is 0)",
      { kind: "closed" },
    );
}

/** With the keys of this server, for what its caller may see and spend. */
async function invokerFor(parts: Parts, caller: Caller): Promise<LiveInvoker> {
  const { db, resolver, spentBudgets: budgets, invokeUsd: capUsd } = parts;
  const account = `invoke/${accountOf(caller)}`;
  return new LiveInvoker({
    resolver: {
      resolve: (request) => resolveFor(parts, caller, request),
      record: (of, outcome) => resolver.record(of, outcome),
    },
    providers: await parts.invokedModels(),
    budget: keepDailyBudget(db, {
      account,
      owner: caller.key.owner,
      capUsd,
      use: { what: "the models that services ask through a server", variable: "SLUICE_INVOKE_USD" },
    }),
    budgets,
    records: true,
  });
}

function readRequest(body: v.InferOutput<typeof invokeBody>): StreamRequest {
  return body as StreamRequest;
}

function told({ record: _, messages: __, prompt, output, ...facts }: Invocation) {
  const { version, label, arm, token } = prompt;
  return { ...facts, output: output ?? null, prompt: prompt.prompt, version, label, arm, token };
}
