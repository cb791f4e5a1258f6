import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";

/** Origins of other sites, with commas or spaces between. Anything else, `*` too, is `invalid_input`. */
export function readCorsOrigins(text: string, name = "SLUICE_CORS_ORIGINS"): string[] {
  const given = text.split(/[\s,]+/).filter((part) => part !== "");
  const wrong = given.find((part) => !/^https?:\/\/[^*]+$/.test(part) || URL.parse(part)?.origin !== part);
  if (wrong !== undefined)
    throw invalidInput(
      `${name} is a list of origins, as in https://app.example, without a path and each in full; ${shown(wrong)} is none`,
      { name },
    );
  return given;
}
