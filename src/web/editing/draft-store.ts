import type { WholeDraft } from "../../domain/shapes/drafts.ts";
import { keep } from "../data/kept.ts";
import { ask, awaySince, Refused } from "../data/send.ts";
import { signedIn } from "../data/session.ts";
import {
  type DeviceCopy,
  devicePlace,
  dropDeviceCopy,
  keepDeviceCopy,
  readDeviceCopy,
} from "./device-copy.ts";
import { type Draft, sameDraft, type SaveState } from "./draft.ts";

/** After the last key. */
const SAVE_MS = 800;
const RETRY_MS = 2_000;
/** A network that is gone without a word: whoever writes is told, and what was sent is sent again, which saves it once. */
const UNANSWERED_MS = 10_000;
/** What was sent and not answered, of which one may have been saved. */
const MOST_UNANSWERED = 20;
/** Browsers send no more than this of a page that is going away. */
const MOST_KEPT_ALIVE = 60_000;

export interface DraftStoreOptions {
  readonly prompt: string;
  /** Whoever is signed in. */
  readonly owner: string;
  readonly start: Draft;
  /** The draft on the server that it is, where there is one. */
  readonly saved?: Pick<WholeDraft, "draftId" | "revision" | "updatedAt">;
  /** Told once, when there is a draft on the server. */
  readonly onOpened: (draftId: string) => void;
}

/**
 * One draft that is being written. What is typed is on the device at once and on the server a moment later; what could
 * not be sent is sent when it can be.
 */
export class DraftStore {
  readonly draft = keep<Draft>({ file: {}, values: {}, base: null });
  readonly state = keep<SaveState>({ kind: "untouched" });
  /** Whether what was typed before, and never reached the server, was found on this device. */
  readonly wasRestored: boolean = false;
  readonly #options: DraftStoreOptions;
  #draftId: string | undefined;
  #revision: number | null;
  #operation: string = crypto.randomUUID();
  #place: string;
  #isDirty = false;
  #isBusy = false;
  #keepBefore = false;
  #sent: { readonly draft: Draft; readonly keepBefore: boolean } | undefined;
  #unanswered: readonly Draft[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: (() => void)[];

  constructor(options: DraftStoreOptions) {
    this.#options = options;
    const { prompt, owner, start, saved } = options;
    this.#draftId = saved?.draftId;
    this.#revision = saved?.revision ?? null;
    this.#place = devicePlace(owner, prompt, saved?.draftId ?? `from ${start.base ?? "nothing"}`);
    this.draft.set(start);
    if (saved) this.state.set({ kind: "saved", at: new Date(saved.updatedAt) });
    const left = readDeviceCopy(this.#place);
    if (left && !sameDraft(left.draft, start)) {
      this.wasRestored = true;
      this.#restore(left);
    } else if (left) dropDeviceCopy(this.#place);
    this.#stops = [
      awaySince.follow((since) => void (since === undefined && this.#isDirty && this.#later(0))),
      signedIn.follow((me) => void (me && this.#isDirty && this.#later(0))),
    ];
  }

  get draftId(): string | undefined {
    return this.#draftId;
  }

  get hasUnsaved(): boolean {
    return this.#isDirty || this.#isBusy;
  }

  /** Takes what was typed, or chosen. `keepBefore` has the server keep how it was until now. */
  change(next: Partial<Draft>, { keepBefore = false } = {}): void {
    this.draft.set({ ...this.draft.get(), ...next });
    this.#keepBefore ||= keepBefore;
    this.#isDirty = true;
    this.#keepOnDevice();
    const { kind } = this.state.get();
    if (kind === "saved" || kind === "untouched") this.state.set({ kind: "saving" });
    if (kind !== "clash") this.#later(SAVE_MS);
  }

  /** Sends what is not saved yet at once. `isLeaving`: the page may be gone before the answer is there. */
  async saveNow({ isLeaving = false } = {}): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isDirty || this.#isBusy || this.state.get().kind === "clash") return;
    this.#isBusy = true;
    this.state.set({ kind: "saving" });
    try {
      while (this.#isDirty) await this.#send(isLeaving);
      dropDeviceCopy(this.#place);
      this.state.set({ kind: "saved", at: new Date() });
    } catch (error) {
      this.#isDirty = true;
      this.#keepBefore ||= this.#sent?.keepBefore ?? false;
      await this.#notSaved(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Of a draft that was saved from elsewhere meanwhile: goes on with what is here, or with what is there. */
  settle(choice: "mine" | "theirs"): void {
    const state = this.state.get();
    if (state.kind !== "clash") return;
    this.state.set({ kind: "saved", at: new Date() });
    if (choice === "mine") return this.change({}, { keepBefore: true });
    this.#isDirty = false;
    this.draft.set(state.theirs);
    dropDeviceCopy(this.#place);
  }

  /** It has become a version, or was given up. */
  async discard(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isDirty = false;
    const id = this.#draftId;
    this.close();
    dropDeviceCopy(this.#place);
    if (id !== undefined) await ask(`/v1/drafts/${id}`, { method: "DELETE" });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  async #send(isLeaving: boolean): Promise<void> {
    const sent = this.draft.get();
    const keepBefore = this.#keepBefore;
    this.#sent = { draft: sent, keepBefore };
    this.#isDirty = false;
    this.#keepBefore = false;
    const body = { ...sent, ...(keepBefore && this.#draftId !== undefined && { keepBefore }) };
    const keepalive = isLeaving && JSON.stringify(body).length < MOST_KEPT_ALIVE;
    const asked = { keepalive, isQuiet: true, withinMs: UNANSWERED_MS } as const;
    const { prompt, onOpened } = this.#options;
    const hadOne = this.#draftId !== undefined;
    const saved = hadOne
      ? await ask<WholeDraft>(`/v1/drafts/${this.#draftId}`, {
          method: "PATCH",
          body,
          ifMatch: `"${this.#revision}"`,
          ...asked,
        })
      : await ask<WholeDraft>("/v1/drafts", {
          method: "POST",
          body: { prompt, ...body },
          idempotencyKey: this.#operation,
          ...asked,
        });
    this.#revision = saved.revision;
    this.#unanswered = [];
    if (hadOne) return;
    const before = this.#place;
    this.#draftId = saved.draftId;
    this.#place = devicePlace(this.#options.owner, prompt, saved.draftId);
    if (this.#isDirty) this.#keepOnDevice();
    dropDeviceCopy(before);
    onOpened(saved.draftId);
  }

  async #notSaved(error: unknown): Promise<void> {
    const refused = error instanceof Refused ? error : new Refused(0, "internal", String(error));
    const { status, message } = refused;
    if (status === 412) return this.#clash();
    if (status === 404 && this.#draftId !== undefined) return this.#openAnew();
    if (status === 401) return this.state.set({ kind: "device", why: "signed out" });
    if (status !== 0 && status !== 429 && status < 500)
      return this.state.set({ kind: "refused", why: message });
    if (this.#sent) this.#unanswered = [...this.#unanswered, this.#sent.draft].slice(-MOST_UNANSWERED);
    this.state.set({ kind: "device", why: status === 0 ? "away" : "busy" });
    this.#later(RETRY_MS);
  }

  async #clash(): Promise<void> {
    try {
      const found = await ask<WholeDraft>(`/v1/drafts/${this.#draftId}`);
      const { file, values, base } = found;
      const theirs = { file, values, base };
      this.#revision = found.revision;
      // It was saved from here, and only the answer was lost.
      if (this.#unanswered.some((one) => sameDraft(one, theirs))) return this.#later(0);
      this.state.set({ kind: "clash", theirs });
    } catch {
      this.state.set({ kind: "device", why: "busy" });
      this.#later(RETRY_MS);
    }
  }

  /** It was discarded elsewhere while it is written here: what is here is not lost. */
  #openAnew(): void {
    this.#draftId = undefined;
    this.#revision = null;
    this.#operation = crypto.randomUUID();
    this.#later(0);
  }

  #restore({ draft, revision, operation }: DeviceCopy): void {
    this.draft.set(draft);
    this.#operation = operation;
    // Saved from elsewhere since: the server says so, and it is asked which of the two it is to be.
    if (this.#revision !== null) this.#revision = revision ?? this.#revision;
    this.#isDirty = true;
    this.#later(0);
  }

  #keepOnDevice(): void {
    keepDeviceCopy(this.#place, {
      draft: this.draft.get(),
      revision: this.#revision,
      operation: this.#operation,
    });
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.saveNow(), ms);
  }
}
