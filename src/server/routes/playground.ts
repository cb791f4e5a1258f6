import { SluiceError } from "../../domain/errors.ts";
import type { Artifact } from "../../domain/prompt/artifact.ts";
import { allowsPrompt } from "../../domain/access/grants.ts";
import type { PromptToTry } from "../../use-cases/try-prompt.ts";
import { artifactToTry, readyToTry, tryPrompt } from "../../use-cases/try-prompt.ts";
import { keepDailyBudget, readDailyBudget, TRYING } from "../../use-cases/keep-daily-budget.ts";
import { listValues } from "../../use-cases/list-values.ts";
import { readyToTest, tryTests } from "../../use-cases/try-tests.ts";
import { accountOf } from "../auth/account-of.ts";
import { noSuchPrompt } from "../auth/authorise.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { playground, playgroundQuery, playgroundRun, testRun } from "../contract/playground.ts";
import { streamWork } from "../event-stream.ts";
import type { Parts } from "../parts.ts";
import { notNow, rightTo } from "../rights/rights.ts";
import { answer, type Caller, defineRoute, defineStream } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";

export const runPlayground = defineStream({
  method: "POST",
  path: "/v1/playground/runs",
  summary: "Server-sent events: what a model answers to a prompt with these values, as it comes",
  about:
    "`event: start` with the model, `event: text` with each piece, then `event: end` with tokens, time and cost, or `event: error`; a stream without either has broken off. Closing it ends the call. Bounded by what one person may spend a day. Nothing is kept, and none of it is an exposure or an outcome.",
  allow: { permission: "author", places: ({ body: { prompt } }) => ({ prompt, use: "read" }) },
  limit: "write",
  bodyLimit: 4 << 20,
  body: playgroundRun,
  idempotency: "none",
  async prepare({ body, caller, parts }) {
    assertOpen(parts);
    const { version, file } = body;
    const wanted: PromptToTry = {
      ...body,
      of: version === undefined ? { file: file ?? {} } : { version },
    };
    if (version !== undefined) await assertPromptSeen(parts.db, body.prompt);
    const artifact = await artifactToTry(parts.db, wanted, caller.grants);
    assertSeesIncludes(caller, artifact);
    return readyToTry(artifact, wanted, await parts.models());
  },
  open({ caller, parts, requestId }, response, ready) {
    streamWork(response, {
      parts,
      caller,
      requestId,
      async work({ send, signal }) {
        const { model, warnings } = ready;
        send("start", { model, warnings });
        return tryPrompt(ready, {
          models: await parts.models(),
          budget: keepDailyBudget(parts.db, spenderOf(caller, parts)),
          signal,
          onText: (text) => send("text", { text }),
        });
      },
    });
  },
});

export const runTests = defineStream({
  method: "POST",
  path: "/v1/playground/tests",
  summary:
    "Server-sent events: what a text that is being written makes of the prompt's test cases, beside what is live",
  about:
    "`event: start` with how many answers it takes, `event: progress` with how many are there, then `event: end` with what they came to, or `event: error`. Closing it ends the calls. It is paid as runs are; nothing is kept, and it vouches for no move of a pointer.",
  allow: {
    permission: "author",
    places: ({ body }) => ({ ...placeOfScope(body), use: "read" }),
  },
  limit: "heavy",
  bodyLimit: 4 << 20,
  body: testRun,
  idempotency: "none",
  async prepare({ body, caller, parts }) {
    assertOpen(parts);
    const { prompt, file, whole } = body;
    const artifact = await artifactToTry(parts.db, { prompt, of: { file } }, caller.grants);
    return readyToTest(parts.db, artifact, { scope: scopeOf(body), whole });
  },
  open({ caller, parts, requestId }, response, ready) {
    streamWork(response, {
      parts,
      caller,
      requestId,
      async work({ send, signal }) {
        send("start", { answers: ready.answers, cases: ready.cases.length });
        return tryTests(ready, {
          models: await parts.models(),
          budget: keepDailyBudget(parts.db, spenderOf(caller, parts)),
          signal,
          onProgress: (done) => send("progress", { done }),
        });
      },
    });
  },
});

export const getPlayground = defineRoute({
  method: "GET",
  path: "/v1/playground",
  summary:
    "What a prompt can be tried with: the values of its test cases, and what is left of today's budget",
  allow: { permission: "read", places: ({ query: { prompt } }) => ({ prompt, use: "read" }) },
  limit: "read",
  query: playgroundQuery,
  answers: { 200: playground },
  async run({ query: { prompt }, caller, parts }) {
    const [cases, budget, run] = await Promise.all([
      listValues(parts.db, prompt),
      readDailyBudget(parts.db, spenderOf(caller, parts)),
      parts.playgroundUsd > 0
        ? rightTo(runPlayground, { prompt, use: "read" }, { caller, parts })
        : notNow(CLOSED),
    ]);
    return answer(200, { prompt, cases, budget, can: { run } });
  },
});

const CLOSED = "nobody may try prompts on this server: it gives no money for it (SLUICE_PLAYGROUND_USD is 0)";

function assertOpen({ playgroundUsd }: Parts): void {
  if (playgroundUsd === 0) throw new SluiceError("forbidden", CLOSED, { kind: "closed" });
}

/** What a text includes is sent too, and a model repeats what it was told. */
function assertSeesIncludes({ grants }: Caller, { includes = [] }: Pick<Artifact, "includes">): void {
  for (const { prompt } of includes) if (!allowsPrompt(grants, prompt)) throw noSuchPrompt(prompt);
}

function spenderOf(caller: Caller, { playgroundUsd: capUsd }: Parts) {
  return { account: accountOf(caller), owner: caller.key.owner, capUsd, use: TRYING };
}
