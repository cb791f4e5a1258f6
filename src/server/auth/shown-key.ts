import { readKey, type KeyProof } from "../../access/key-text.ts";

/**
 * The key, or the token of a CI job, that a request shows: `Authorization: Bearer KEY`, or Basic with the key as the password and `slu_<id>` as
 * the user, or with the key alone as the user. `none`: it shows nothing; `bad`: what it shows cannot be a key.
 */
export function shownKey(authorization: string | undefined): KeyProof | "none" | "bad" {
  if (authorization === undefined || authorization === "") return "none";
  const [, scheme, given] = /^([A-Za-z]+) +([^\s]+)$/.exec(authorization) ?? [];
  if (scheme === undefined || given === undefined) return "bad";
  if (scheme.toLowerCase() === "bearer") return readKey(given, "key", "token") ?? "bad";
  if (scheme.toLowerCase() !== "basic") return "bad";
  return basicKey(Buffer.from(given, "base64").toString("utf8")) ?? "bad";
}

function basicKey(credentials: string): KeyProof | undefined {
  const colon = credentials.indexOf(":");
  if (colon === -1) return undefined;
  const user = credentials.slice(0, colon);
  const password = credentials.slice(colon + 1);
  if (password === "") return readKey(user);
  const key = readKey(password);
  return key && user === `slu_${key.id}` ? key : undefined;
}
