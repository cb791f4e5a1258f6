import type {
  CircuitAnswer,
  CircuitExchange,
  CircuitName,
  OpenCircuit,
} from "../../domain/models/circuits.ts";

/** Tells others and hears from them; undefined: there is no such place. Rejects where it cannot be reached. */
export type ExchangeCircuits = (exchange: CircuitExchange) => Promise<CircuitAnswer | undefined>;

/** How often others are asked while calls are made, and for how long after the last one, in ms. */
const EVERY_MS = 2_000;
const STILL_MS = 60_000;

export const nameOf = ({ provider, endpoint, model }: CircuitName) =>
  JSON.stringify([provider, endpoint, model]);

/**
 * What this process and others tell each other of endpoints that fail. No call waits for it; while others cannot be
 * reached, this process goes by what it sees itself. `now` is monotonic, in milliseconds.
 */
export class SharedCircuits {
  readonly #exchange: ExchangeCircuits;
  readonly #now: () => number;
  /** `askedAt`: what has changed here since is newer than the answer. */
  #learn: (open: readonly OpenCircuit[], askedAt: number) => void = () => undefined;
  #opened = new Map<string, OpenCircuit>();
  #closed = new Map<string, CircuitName>();
  #probes = new Map<string, CircuitName>();
  readonly #granted = new Set<string>();
  #isTogether = false;
  #isOver = false;
  #asking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #usedAt = 0;

  constructor(exchange: ExchangeCircuits, now: () => number) {
    this.#exchange = exchange;
    this.#now = now;
  }

  onAnswer(learn: (open: readonly OpenCircuit[], askedAt: number) => void): void {
    this.#learn = learn;
  }

  /** A call is about to be made. */
  used(): void {
    this.#usedAt = this.#now();
    if (this.#timer === undefined && !this.#isOver) void this.#ask();
  }

  opened(circuit: OpenCircuit): void {
    this.#closed.delete(nameOf(circuit));
    this.#opened.set(nameOf(circuit), circuit);
    void this.#ask();
  }

  closed(name: CircuitName): void {
    this.#opened.delete(nameOf(name));
    this.#closed.set(nameOf(name), name);
    void this.#ask();
  }

  /** Whether this process may try what is half open. Where others are to be asked first, they are, and it may soon. */
  mayProbe(name: CircuitName): boolean {
    if (!this.#isTogether || this.#granted.has(nameOf(name))) return true;
    this.#probes.set(nameOf(name), name);
    void this.#ask();
    return false;
  }

  /** It has been tried. A probe that was called off may be made again. */
  probed(name: CircuitName): void {
    this.#granted.delete(nameOf(name));
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** One exchange at a time; what has come up during one is told by the next. */
  async #ask(): Promise<void> {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), EVERY_MS).unref();
    if (this.#asking) return;
    this.#asking = this.#tell();
    await this.#asking;
    this.#asking = undefined;
    if (this.#opened.size + this.#closed.size + this.#probes.size > 0 && this.#isTogether) void this.#ask();
  }

  #again(): void {
    this.#timer = undefined;
    if (this.#now() - this.#usedAt < STILL_MS) void this.#ask();
  }

  async #tell(): Promise<void> {
    const [opened, closed, probes] = [this.#opened, this.#closed, this.#probes];
    [this.#opened, this.#closed, this.#probes] = [new Map(), new Map(), new Map()];
    const askedAt = this.#now();
    try {
      const answer = await this.#exchange({
        opened: [...opened.values()],
        closed: [...closed.values()],
        probes: [...probes.values()],
      });
      if (!answer) return this.close();
      this.#isTogether = true;
      for (const name of answer.granted) this.#granted.add(nameOf(name));
      this.#learn(answer.open, askedAt);
    } catch {
      this.#isTogether = false;
      this.#granted.clear();
      // Told when there is somebody to tell, unless it is otherwise by then.
      this.#opened = new Map([...opened, ...this.#opened].filter(([name]) => !this.#closed.has(name)));
      this.#closed = new Map([...closed, ...this.#closed].filter(([name]) => !this.#opened.has(name)));
    }
  }
}
