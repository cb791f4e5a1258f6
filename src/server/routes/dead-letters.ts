import { notFound, SluiceError } from "../../domain/errors.ts";
import { allowsPrompt, allowsReading } from "../../domain/access/grants.ts";
import { listDeadLetters, requireDeadLetter } from "../../storage/read/dead-letters.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import { sayLetter } from "../../domain/plain/say-letter.ts";
import type { DeadLetterRow, LetterAct } from "../../domain/shapes/dead-letters.ts";
import type { Rights } from "../../domain/shapes/rights.ts";
import { withWayBack } from "../../use-cases/control-by-key.ts";
import { discardDeadLetter as discard } from "../../use-cases/discard-dead-letter.ts";
import { WITHOUT_REFERENCES } from "../../use-cases/notify-webhooks.ts";
import { redrive } from "../../use-cases/redrive.ts";
import { assertPlace } from "../auth/authorise.ts";
import {
  deadLetter,
  deadLetterList,
  deadLetterParams,
  deadLettersQuery,
  discardBody,
  redrivenLetter,
} from "../contract/records.ts";
import type { Parts } from "../parts.ts";
import { asRight, notNow, rightTo } from "../rights/rights.ts";
import { type AnyRoute, answer, type Caller, defineRoute } from "../route.ts";
import { isRestricted } from "./resolver.ts";

export const listLetters = defineRoute({
  method: "GET",
  path: "/v1/dead-letters",
  summary: "What could not be done, the oldest first",
  about: "With `?all=true` also what was redriven or discarded.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: deadLettersQuery,
  answers: { 200: deadLetterList },
  async run({ query: { all = false }, caller, parts }) {
    const letters = await lettersSeen(caller, parts, { all });
    const items = await Promise.all(
      letters.map(async (letter) => ({ ...letter, can: await letterRights(letter, { caller, parts }) })),
    );
    return answer(200, { items: items as never, next: null });
  },
});

export const getLetter = defineRoute({
  method: "GET",
  path: "/v1/dead-letters/:id",
  summary: "One of them, with all that it takes to do it again",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  params: deadLetterParams,
  answers: { 200: deadLetter },
  async run({ params, caller, parts }) {
    const letter = await requireSeen(caller, params.id, parts);
    return answer(200, { ...letter, can: await letterRights(letter, { caller, parts }) } as never);
  },
});

/** What somebody may do about one. */
async function letterRights(
  letter: DeadLetterRow,
  { caller, parts }: { readonly caller: Caller; readonly parts: Parts },
): Promise<Rights<LetterAct>> {
  if (letter.status !== "open") {
    const closed = notNow("it has been dealt with");
    return { redrive: closed, discard: closed };
  }
  const right = async (route: AnyRoute) => {
    const found = await rightTo(route, { use: "change" }, { caller, parts });
    return found.allowed
      ? asRight(caller, async () => void (await requireOwn(caller, letter.id, parts)))
      : found;
  };
  return {
    redrive: sayLetter(letter).canBeRedriven
      ? await right(redriveLetter)
      : notNow("it has to be done by hand"),
    discard: await right(discardLetter),
  };
}

export const discardLetter = defineRoute({
  method: "POST",
  path: "/v1/dead-letters/:id/discard",
  summary: "Closes one without doing what it says",
  allow: { permission: "release_protected", places: "filtered" },
  limit: "write",
  params: deadLetterParams,
  body: discardBody,
  answers: { 200: deadLetter },
  idempotency: "natural",
  async run({ params, body: { reason }, caller, parts }) {
    const { id } = await requireOwn(caller, params.id, parts);
    return answer(200, (await discard(caller.acting(), { id, by: caller.key.owner, reason })) as never);
  },
});

export const redriveLetter = defineRoute({
  method: "POST",
  path: "/v1/dead-letters/:id/redrive",
  summary: "Does again what could not be done, and closes it",
  about:
    "Safe to repeat. A webhook whose address or secret stands for something of the worker's is only called from the command line.",
  allow: { permission: "release_protected", places: "filtered" },
  limit: "write",
  params: deadLetterParams,
  answers: { 200: redrivenLetter },
  idempotency: "natural",
  async run({ params, caller, parts, signal }) {
    const { id } = await requireOwn(caller, params.id, parts);
    const redriven = await withWayBack(() =>
      redrive(
        {
          db: caller.acting(),
          by: caller.key.owner,
          signal,
          withTemporal: (work) => parts.rollouts.use(work),
          notifications: WITHOUT_REFERENCES,
        },
        id,
      ),
    );
    return answer(200, redriven as never);
  },
});

/** What could not be done, as far as the key may know of it: the oldest first. */
export async function lettersSeen(
  caller: Caller,
  parts: Parts,
  which: { readonly all?: boolean } = {},
): Promise<DeadLetterRow[]> {
  const letters = await listDeadLetters(parts.db, which);
  const seen = await Promise.all(letters.map((letter) => sees(caller, letter, parts)));
  return letters.filter((_, at) => seen[at]);
}

/** One that the key may see and do something about. */
async function requireOwn(caller: Caller, id: string, parts: Parts): Promise<DeadLetterRow> {
  const letter = await requireSeen(caller, id, parts);
  // What it would start may be elsewhere than what it was about.
  for (const scope of [
    await scopeOfRollout(letter, parts),
    letter.payload["scope"] as ScopeColumns | undefined,
  ])
    if (scope) assertPlace(caller, { ...scope, use: "change" });
  return letter;
}

async function requireSeen(caller: Caller, id: string, parts: Parts): Promise<DeadLetterRow> {
  const letter = await requireDeadLetter(parts.db, id).catch((error: unknown) => {
    if (error instanceof SluiceError && error.code === "not_found") return undefined;
    throw error;
  });
  if (letter && (await sees(caller, letter, parts))) return letter;
  throw notFound("there is no such dead letter that this key may see", { id });
}

/** What a letter is about is its prompt, and its rollout's scope; one that is about neither is for a key for everything. */
async function sees({ grants }: Caller, letter: DeadLetterRow, parts: Parts): Promise<boolean> {
  if (!isRestricted(grants)) return true;
  const { prompt } = letter;
  const scope = await scopeOfRollout(letter, parts);
  if (scope) return allowsReading(grants, scope);
  const isOfPromptAlone = grants.labels === undefined && grants.tenants === undefined;
  return prompt !== null && isOfPromptAlone && allowsPrompt(grants, prompt);
}

async function scopeOfRollout(
  { rolloutId }: DeadLetterRow,
  { belonging }: Parts,
): Promise<ScopeColumns | undefined> {
  return rolloutId === null ? undefined : (await belonging.scopesOf([rolloutId])).get(rolloutId);
}
