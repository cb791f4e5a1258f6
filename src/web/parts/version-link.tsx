import { promptPath, versionPath } from "../route.ts";

/** `@2` of `support-reply@2`. */
export const numberOf = (reference: string) => reference.slice(reference.lastIndexOf("@"));
export const promptOf = (reference: string) => reference.slice(0, reference.lastIndexOf("@"));

/** A version by its number alone, where the prompt is said already, or in full. */
export function VersionLink({ of, whole = false }: { readonly of: string; readonly whole?: boolean }) {
  return (
    <a class="version" href={versionPath(of)}>
      {whole ? of : numberOf(of)}
    </a>
  );
}

export function PromptLink({ prompt }: { readonly prompt: string }) {
  return <a href={promptPath(prompt)}>{prompt}</a>;
}
