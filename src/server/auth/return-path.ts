import { invalidInput } from "../../domain/errors.ts";

/** Of the server itself, whatever it is called. */
const BASE = "https://server.invalid";

/** A place of this server, to come back to after the sign-in; what leads anywhere else is `invalid_input`. */
export function assertReturnPath(text: string): string {
  const url = URL.parse(text, BASE);
  // A browser reads a backslash as a slash, and drops tabs and ends of lines.
  const isPlain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text);
  if (url && isPlain && url.origin === BASE) return `${url.pathname}${url.search}${url.hash}`;
  throw invalidInput("return_to: must be a path of this server, as in /prompts", { at: "query.return_to" });
}
