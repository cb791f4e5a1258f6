import { invalidInput } from "../../domain/errors.ts";
import type { LangfuseProject } from "./langfuse-api.ts";

/** What the environment says of the Langfuse project that prompts come from; each may be missing until it is needed. */
export type LangfuseSettings = { readonly [Part in keyof LangfuseProject]: string | undefined };

/** By the names that Langfuse's own clients read, the older one of its address too. */
export function readLangfuseSettings(
  value: (name: string) => string | undefined,
  secret: (name: string) => string | undefined,
): LangfuseSettings {
  return {
    url: value("LANGFUSE_BASE_URL") ?? value("LANGFUSE_HOST"),
    publicKey: value("LANGFUSE_PUBLIC_KEY"),
    secretKey: secret("LANGFUSE_SECRET_KEY"),
  };
}

/** All of them; `invalid_input` names what is missing. */
export function requireLangfuse({ url, publicKey, secretKey }: LangfuseSettings): LangfuseProject {
  if (url !== undefined && publicKey !== undefined && secretKey !== undefined)
    return { url, publicKey, secretKey };
  const missing = [
    ...(url === undefined ? ["LANGFUSE_BASE_URL"] : []),
    ...(publicKey === undefined ? ["LANGFUSE_PUBLIC_KEY"] : []),
    ...(secretKey === undefined ? ["LANGFUSE_SECRET_KEY"] : []),
  ];
  throw invalidInput(
    `which project of Langfuse? Set ${missing.join(", ")}, as its clients have them, or name a file of versions`,
    { missing },
  );
}
