import type { Authored } from "../storage/authored-channel.ts";

type Listener = (authored: Authored | undefined) => void;

/** Tells of what is written as Postgres tells of it: new versions, drafts, and what becomes of evaluations. */
export class AuthoringNews {
  readonly #listeners = new Set<Listener>();

  /** Undefined is told where anything may have been written: nothing was heard for a while. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A text that came over its channel; anybody with a login to the database can send one. */
  heard(payload: string): void {
    const authored = readAuthored(payload);
    if (authored) this.#tell(authored);
  }

  missed(): void {
    this.#tell(undefined);
  }

  #tell(authored: Authored | undefined): void {
    for (const listener of this.#listeners) listener(authored);
  }
}

function readAuthored(payload: string): Authored | undefined {
  try {
    const read = JSON.parse(payload) as Partial<Record<string, unknown>> | null;
    if (typeof read?.["prompt"] !== "string") return undefined;
    const { kind, prompt, version, draftId, evaluationId } = read as { prompt: string } & Record<
      string,
      unknown
    >;
    if (kind === "version" && typeof version === "number") return { kind, prompt, version };
    if (kind === "draft" && typeof draftId === "string") return { kind, prompt, draftId };
    if (kind === "evaluation" && typeof evaluationId === "string") return { kind, prompt, evaluationId };
  } catch {
    // What is no JSON is no news.
  }
  return undefined;
}
