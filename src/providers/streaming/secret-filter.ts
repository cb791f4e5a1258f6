import { withoutSecrets } from "../../domain/echoed-secret.ts";

/** Takes secrets out of a text that comes in pieces: what may be the beginning of one waits for what follows it. */
export class SecretFilter {
  readonly #secrets: readonly string[];
  #held = "";

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret.length > 0);
  }

  /** What of the text so far can be told. */
  push(piece: string): string {
    const clean = withoutSecrets(this.#held + piece, this.#secrets);
    const from = clean.length - this.#beginning(clean);
    this.#held = clean.slice(from);
    return clean.slice(0, from);
  }

  /** What was held back, when nothing follows. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  /** How many of a text's last characters are the beginning of a secret. */
  #beginning(text: string): number {
    const longest = Math.max(0, ...this.#secrets.map((secret) => secret.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const tail = text.slice(-length);
      if (this.#secrets.some((secret) => secret.startsWith(tail))) return length;
    }
    return 0;
  }
}
