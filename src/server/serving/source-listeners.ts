import type { ScopeColumns } from "../../domain/scope.ts";
import type { SourceListener } from "../../resolver/index.ts";

/** Those who watch one source together. Whoever comes later is told that it is connected, where it is. */
export class SourceListeners implements SourceListener {
  readonly #all = new Set<SourceListener>();
  #isConnected = false;
  #disconnectedAt = performance.now();

  /** For how long nothing has been heard, in ms; 0 while something is. */
  get silentMs(): number {
    return this.#isConnected ? 0 : performance.now() - this.#disconnectedAt;
  }

  add(listener: SourceListener): void {
    this.#all.add(listener);
    if (this.#isConnected) listener.connected();
  }

  clear(): void {
    this.#all.clear();
  }

  moved(scope?: ScopeColumns): void {
    for (const listener of this.#all) listener.moved(scope);
  }

  connected(): void {
    this.#isConnected = true;
    for (const listener of this.#all) listener.connected();
  }

  disconnected(error: unknown): void {
    if (this.#isConnected) this.#disconnectedAt = performance.now();
    this.#isConnected = false;
    for (const listener of this.#all) listener.disconnected(error);
  }
}
