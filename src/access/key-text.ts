import { hash, randomBytes, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a key's text says: which key it is, and the proof that whoever shows it has the secret. */
export interface KeyProof {
  readonly id: string;
  /** SHA-256 of the secret: this is what leaves the process. */
  readonly proof: Buffer;
}

export interface NewKey extends KeyProof {
  /** Shown once and kept nowhere: `slu_<id>_<secret>`. */
  readonly text: string;
}

/** How the text of each begins: a key, the token of a CI job, what a browser's cookie holds. */
const BEGINNINGS = { key: "slu", token: "slt", session: "sls" } as const;
export type SecretKind = keyof typeof BEGINNINGS;

const ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH = 12;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const KEY = new RegExp(
  `^(sl[ust])_([a-z0-9]{${ID_LENGTH}})_([A-Za-z0-9]{${SECRET_LENGTH}})([A-Za-z0-9]{${CHECK_LENGTH}})$`,
);

/** A new key of 256 random bits. Its last six characters are a checksum, for typos and for secret scanners. */
export function makeKey(kind: SecretKind = "key"): NewKey {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
  const secret = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), SECRET_LENGTH);
  return {
    id,
    proof: proofOf(secret),
    text: `${BEGINNINGS[kind]}_${id}_${secret}${checkOf(id, secret)}`,
  };
}

/** What a text shows, or undefined when it cannot be of one of these kinds: not of the form, or mistyped. */
export function readKey(text: string, ...kinds: readonly SecretKind[]): KeyProof | undefined {
  const [, beginning, id, secret, check] = KEY.exec(text) ?? [];
  if (!(kinds.length === 0 ? ["key" as const] : kinds).some((kind) => BEGINNINGS[kind] === beginning))
    return undefined;
  if (id === undefined || secret === undefined || check !== checkOf(id, secret)) return undefined;
  return { id, proof: proofOf(secret) };
}

/** What is stored of a proof. */
export function storedProof(proof: Buffer): Buffer {
  return hash("sha256", proof, "buffer");
}

function proofOf(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

function checkOf(id: string, secret: string): string {
  return base62(BigInt(crc32(`${id}_${secret}`)), CHECK_LENGTH);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = BASE62[Number(rest % 62n)] + text;
  return text;
}
