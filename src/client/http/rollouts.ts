import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../../domain/errors.ts";
import { jittered } from "../../domain/jitter.ts";
import { assertPromptName, hasVersion, type PromptReference } from "../../domain/names.ts";
import type { RolloutStatus } from "../../domain/rollout/rollout.ts";
import { noRolloutYet, otherVersion } from "../../domain/rollout/rollout-refusals.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { ListedRollout } from "../../domain/shapes/rollouts.ts";
import { readEvents } from "../../resolver/sources/event-stream.ts";
import { type RolloutPlace, rolloutPlace } from "../references.ts";
import { USUAL_ROLLOUTS, type FollowOptions, type RolloutOf, type RolloutsRequest } from "../requests.ts";
import { readPages } from "./pages.ts";
import { requireNumber, requirePrompt } from "./prompts.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function rollouts(
  server: ServerConnection,
  { prompt: name, running = false, limit = USUAL_ROLLOUTS }: RolloutsRequest = {},
): Promise<ListedRollout[]> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  const query = { prompt, ...(running && { running }) };
  const found = await readPages<ListedRollout>(server, "/v1/rollouts", query, limit);
  if (found.length === 0 && prompt !== undefined) await requirePrompt(server, prompt);
  return found;
}

export async function status(server: ServerConnection, rollout: RolloutOf): Promise<RolloutStatus> {
  const id = await rolloutIdOf(server, rolloutPlace(rollout));
  return withoutRights(await server.get<WithRights>(`/v1/rollouts/${id}`));
}

/** What whoever asks may do, and a link, are for pages: a database tells nobody so. */
type WithRights = RolloutStatus & { readonly can?: unknown; readonly uiUrl?: unknown };

function withoutRights({ can: _, uiUrl: __, ...status }: WithRights): RolloutStatus {
  return status;
}

async function rolloutIdOf(server: ServerConnection, place: RolloutPlace): Promise<string> {
  if ("rolloutId" in place) return place.rolloutId;
  const { scope, reference } = place;
  const newest = await newestOf(server, scope);
  if (!newest) throw noRolloutYet(scope);
  await refuseOtherVersion(server, reference, newest.candidate);
  return newest.rolloutId;
}

/** The open rollout of a scope, else the one that started last; a prompt that is not there is `not_found`. */
export async function newestOf(
  server: ServerConnection,
  { prompt, label, model, tenant }: ScopeColumns,
): Promise<ListedRollout | undefined> {
  // Empty: only of no model, of no tenant.
  const query = { prompt, label, model, tenant };
  const [newest] = await readPages<ListedRollout>(server, "/v1/rollouts", query, 1);
  if (!newest) await requirePrompt(server, prompt);
  return newest;
}

export async function refuseOtherVersion(
  server: ServerConnection,
  reference: PromptReference,
  candidate: string,
): Promise<void> {
  if (!hasVersion(reference)) return;
  const { prompt } = reference;
  const number = await requireNumber(server, reference);
  if (candidate === `${prompt}@${number}`) return;
  throw otherVersion({ prompt, number });
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5_000;
/** A server sends something, if only a comment, every 10 s; one that is silent for longer is gone. */
const SILENCE_MS = 25_000;

/** By the server's events; a stream that breaks off is opened again. */
export async function* follow(
  server: ServerConnection,
  rollout: RolloutOf,
  { signal = new AbortController().signal, onUnreachable }: FollowOptions = {},
): AsyncGenerator<RolloutStatus> {
  const rolloutId = await rolloutIdOf(server, rolloutPlace(rollout));
  let [seen, unreachable, retryMs] = ["", false, FIRST_RETRY_MS];
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      const body = await server.open(
        `/v1/rollouts/${rolloutId}/events`,
        AbortSignal.any([signal, silence.signal]),
      );
      if (unreachable) onUnreachable?.((unreachable = false));
      retryMs = FIRST_RETRY_MS;
      for await (const { event, data } of readEvents(noticed(body, heard))) {
        if (event === "end") return;
        if (event !== "status" || data === seen) continue;
        seen = data;
        const now = JSON.parse(data) as RolloutStatus;
        yield now;
        if (now.outcome !== null) return;
      }
    } catch (error) {
      if (signal.aborted || server.isClosed) return;
      if (error instanceof SluiceError && !error.retryable) throw error;
      if (!unreachable) onUnreachable?.((unreachable = true));
    } finally {
      clearTimeout(timer);
    }
    await delay(jittered(retryMs, Math.random()), undefined, { signal }).catch(() => undefined);
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }
}

async function* noticed(body: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onChunk();
    yield chunk;
  }
}
