import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import * as v from "valibot";
import { type KeyProof, storedProof } from "../../../access/key-text.ts";
import { type Grants, grantsSchema } from "../../../domain/access/grants.ts";
import { messageOf } from "../../../domain/errors.ts";
import type { CheckedKey } from "../../../storage/read/checked-key.ts";

/** For so long a resolver's key is good that was good when it was last asked about, while nobody can be asked. */
const KEPT_MS = 86_400_000;
const MOST = 10_000;
const WRITE_AFTER_MS = 1_000;

const kept = v.object({
  /** SHA-256 of the proof, in hex: whoever reads the file is let in by nobody. */
  proof: v.string(),
  seenAt: v.number(),
  expiresAt: v.nullable(v.number()),
  name: v.string(),
  owner: v.string(),
  grants: grantsSchema,
});
type Kept = Omit<v.InferOutput<typeof kept>, "grants"> & { readonly grants: Grants };
const file = v.record(v.string(), kept);

/** The keys of resolvers that have been found good, in memory and in a file, for when nobody can be asked. */
export class KeptKeys {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #keys = new Map<string, Kept>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  /** Reads the file; one that cannot be used is warned of, and replaced. */
  async open(): Promise<void> {
    try {
      this.#keys = new Map(Object.entries(v.parse(file, JSON.parse(await readFile(this.#path, "utf8")))));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        this.#warn(`${this.#path} is not used: ${messageOf(error)}`);
    }
  }

  /** The key that is shown, as it was when it was last asked about. */
  find({ id, proof }: KeyProof): CheckedKey | undefined {
    const found = this.#keys.get(id);
    const now = Date.now();
    if (!found || found.proof !== proofText(proof) || Math.abs(now - found.seenAt) > KEPT_MS)
      return undefined;
    const { name, owner, grants, expiresAt } = found;
    const expiresInMs = expiresAt === null ? null : expiresAt - now;
    if (expiresInMs !== null && expiresInMs <= 0) return undefined;
    return {
      id,
      kind: "key",
      account: id,
      session: false,
      role: "resolver",
      name,
      owner,
      grants,
      expiresInMs,
    };
  }

  /** It has been found good just now. Those of people and CI jobs are not kept. */
  keep({ proof }: KeyProof, { id, kind, session, role, name, owner, grants, expiresInMs }: CheckedKey): void {
    if (kind !== "key" || session || role !== "resolver") return;
    const now = Date.now();
    this.#keys.delete(id);
    this.#keys.set(id, {
      proof: proofText(proof),
      seenAt: now,
      expiresAt: expiresInMs === null ? null : now + expiresInMs,
      name,
      owner,
      grants,
    });
    if (this.#keys.size > MOST) this.#keys.delete(this.#keys.keys().next().value!);
    this.#changed();
  }

  /** It is no good any more. */
  forget({ id, proof }: KeyProof): void {
    if (this.#keys.get(id)?.proof !== proofText(proof)) return;
    this.#keys.delete(id);
    this.#changed();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(async () => {
        const draft = `${this.#path}.${randomUUID()}.new`;
        await writeFile(draft, JSON.stringify(Object.fromEntries(this.#keys)), { mode: 0o600 });
        await rename(draft, this.#path);
      })
      .catch((error: unknown) => this.#warn(`${this.#path} could not be written: ${messageOf(error)}`));
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    if (this.#timer) this.#write();
    await this.#writing;
  }
}

function proofText(proof: Buffer): string {
  return storedProof(proof).toString("hex");
}
