import { invalidInput } from "../errors.ts";

/** A project of Langfuse: where it is, and the keys to it. */
export interface LangfuseAddress {
  readonly base: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/**
 * Reads `https://pk-lf-…:sk-lf-…@cloud.langfuse.com` of SLUICE_LANGFUSE_FORWARD; undefined where it is not set, and
 * `invalid_input`, which repeats nothing of it, for anything else.
 */
export function readLangfuseAddress(
  secret: (name: string) => string | undefined,
): LangfuseAddress | undefined {
  const name = "SLUICE_LANGFUSE_FORWARD";
  const text = secret(name);
  if (text === undefined) return undefined;
  const refuse = () =>
    invalidInput(
      `${name} must be an address with both keys in it, as in https://PUBLIC:SECRET@cloud.langfuse.com`,
      {
        name,
      },
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse();
  }
  const [publicKey, secretKey] = [url.username, url.password].map((part) => decodeURIComponent(part));
  if (!/^https?:$/.test(url.protocol) || !publicKey || !secretKey) throw refuse();
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return { base: url.href.replace(/\/+$/, ""), publicKey, secretKey };
}
