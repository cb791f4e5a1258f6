import { invalidInput } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";

const USE = /\{\{-?\s*env\.(\w+)\s*-?\}\}/g;

/**
 * A configuration with `{{ env.NAME }}` filled in, only for names that an operator has allowed: a configuration
 * from a stranger must not be able to send a secret to a model. Any other name is an `invalid_input` error.
 */
export function withEnvironment(
  document: SourceDocument,
  env: Readonly<Record<string, string>>,
): SourceDocument {
  const fill = (value: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof value === "string")
      return value.replaceAll(USE, (_, name: string) => {
        const allowed = Object.hasOwn(env, name) ? env[name] : undefined;
        if (allowed !== undefined) return allowed;
        throw invalidInput(
          `${document.locate(path)}: the environment variable ${name} is not open to this file; allow it with --allow-env ${name}`,
          { file: document.name, variable: name },
        );
      });
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]),
      );
    return value;
  };
  return { name: document.name, value: fill(document.value, []), locate: document.locate.bind(document) };
}
