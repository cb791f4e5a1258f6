import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
import { withoutSecrets } from "../../domain/echoed-secret.ts";
import { invalidInput, messageOf, SluiceError, unavailable } from "../../domain/errors.ts";
import { jittered } from "../../domain/jitter.ts";
import { readServerAddress } from "../../domain/addresses/server-address.ts";
import { cut, shown, visible } from "../../domain/text/visible.ts";
import { retryAfterMs } from "../../domain/retry-after.ts";

/** Where prompts come from, and the keys of the project that they are in. */
export interface LangfuseProject {
  /** `https://cloud.langfuse.com`. */
  readonly url: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;
/** What it says at most of how long to wait, in ms. */
const LONGEST_WAIT_MS = 60_000;
const PAGE = 100;
/** Characters of why it refuses. */
const LONGEST_REASON = 300;

const listPage = v.looseObject({
  data: v.array(v.looseObject({ name: v.string(), versions: v.array(v.number()) })),
  meta: v.looseObject({ totalPages: v.number() }),
});

/** What Langfuse's API says of prompts. What may pass is asked again; redirects are not followed, with keys in hand. */
export class LangfuseApi {
  readonly #base: string;
  readonly #authorization: string;
  readonly #secrets: readonly string[];
  readonly #signal: AbortSignal | undefined;

  constructor({ url, publicKey, secretKey }: LangfuseProject, signal: AbortSignal | undefined) {
    const address = readServerAddress(url);
    if (!address)
      throw invalidInput(
        "Langfuse's address (LANGFUSE_BASE_URL) is not valid; write https://cloud.langfuse.com",
      );
    const encoded = Buffer.from(`${publicKey}:${secretKey}`).toString("base64");
    this.#base = address.base;
    this.#authorization = `Basic ${encoded}`;
    this.#secrets = [secretKey, encoded];
    this.#signal = signal;
  }

  /** Every prompt with the numbers of its versions. */
  async prompts(): Promise<{ readonly name: string; readonly versions: readonly number[] }[]> {
    const byName = new Map<string, readonly number[]>();
    for (let page = 1, pages = 1; page <= pages; page++) {
      const found = await this.#get(`/api/public/v2/prompts?page=${page}&limit=${PAGE}`);
      const read = v.safeParse(listPage, found);
      if (!read.success) throw this.#notLangfuse();
      pages = read.output.meta.totalPages;
      for (const { name, versions } of read.output.data)
        byName.set(
          name,
          versions.toSorted((a, b) => a - b),
        );
    }
    return [...byName].map(([name, versions]) => ({ name, versions }));
  }

  /** One version as it is; undefined where it has been deleted meanwhile. */
  async version(name: string, number: number): Promise<unknown> {
    return this.#get(`/api/public/v2/prompts/${encodeURIComponent(name)}?version=${number}`, true);
  }

  async #get(path: string, mayBeGone = false): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(path);
      if (!(answer instanceof SluiceError)) {
        if (answer.ok) return this.#json(answer);
        if (answer.status === 404 && mayBeGone) return undefined;
      }
      const refusal = answer instanceof SluiceError ? answer : await this.#refusal(answer);
      if (!refusal.retryable || attempt === ATTEMPTS) throw refusal;
      const asked = answer instanceof SluiceError ? 0 : (retryAfterMs(answer.headers, Date.now()) ?? 0);
      const wait = Math.max(jittered(FIRST_WAIT_MS * 2 ** attempt, Math.random()), asked);
      await delay(Math.min(wait, LONGEST_WAIT_MS), undefined, this.#signal && { signal: this.#signal });
    }
  }

  async #ask(path: string): Promise<Response | SluiceError> {
    const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(this.#signal ? [this.#signal] : [])];
    try {
      return await fetch(`${this.#base}${path}`, {
        headers: { authorization: this.#authorization, accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.any(signals),
      });
    } catch (error) {
      if (this.#signal?.aborted) throw error;
      const { cause } = error as { cause?: { code?: unknown } };
      const why = typeof cause?.code === "string" ? cause.code : messageOf(cause ?? error);
      return unavailable(
        `Langfuse at ${this.#base} cannot be reached (${withoutSecrets(why, this.#secrets)})`,
      );
    }
  }

  async #json(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch {
      throw this.#notLangfuse();
    }
  }

  async #refusal(response: Response): Promise<SluiceError> {
    const { status } = response;
    const text = withoutSecrets(await response.text().catch(() => ""), this.#secrets);
    if (status === 401 || status === 403)
      return new SluiceError(
        "forbidden",
        `Langfuse at ${this.#base} does not take these keys (${status}); check LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and which region LANGFUSE_BASE_URL names`,
        { status },
      );
    if (status >= 300 && status < 400)
      return invalidInput(
        `Langfuse at ${this.#base} redirects (${status}), and keys are not sent on; name the address that it redirects to`,
        { status },
      );
    if (status === 429 || status >= 500)
      return unavailable(`Langfuse at ${this.#base} answered ${status}: ${reasonIn(text)}; try again later`, {
        status,
      });
    return new SluiceError(
      "unavailable",
      `Langfuse at ${this.#base} answered ${status}: ${reasonIn(text)}`,
      { status },
      { retryable: false },
    );
  }

  #notLangfuse(): SluiceError {
    return invalidInput(`what is at ${this.#base} does not answer as Langfuse does; check LANGFUSE_BASE_URL`);
  }
}

/** What a refusal says, which is the `message` of its JSON, as a rule. */
function reasonIn(body: string): string {
  try {
    const said = v.safeParse(v.looseObject({ message: v.string() }), JSON.parse(body));
    if (said.success) return cut(visible(said.output.message), LONGEST_REASON);
  } catch {
    // Something before it has answered, in HTML perhaps.
  }
  return shown(body);
}
