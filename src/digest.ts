import { hash } from "node:crypto";
import { canonicalJson } from "./domain/prompt/artifact.ts";

/** SHA-256 of the canonical JSON (RFC 8785) of a value, in hex: the identity of artifacts, policies and datasets. */
export function digestJson(value: unknown): string {
  return hash("sha256", canonicalJson(value), "hex");
}

/** SHA-256 of a text, in hex. */
export function digestText(text: string): string {
  return hash("sha256", text, "hex");
}

/** What is stored of a unit: SHA-256 of tenant and unit, in hex. The NUL keeps ("a","bc") and ("ab","c") apart. */
export function unitDigest(tenant: string | undefined, unit: string): string {
  return hash("sha256", `${tenant ?? ""}\0${unit}`, "hex");
}
