import type { SourceListener } from "../../resolver/index.ts";
import { SourceListeners } from "./source-listeners.ts";

/** A source that several read: each may watch it, and none of them closes it for the others. */
export abstract class WatchedTogether {
  protected readonly listeners = new SourceListeners();

  watch(listener: SourceListener): void {
    this.listeners.add(listener);
  }

  /** A resolver closes what it reads from; others may still be reading. */
  async close(): Promise<void> {}
}
