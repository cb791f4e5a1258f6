import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";

const LOG_FORMATS = ["json", "plain"] as const;
/** `json`: a JSON object a line; `plain`: a sentence a line, for people at a terminal. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** `SLUICE_LOG_FORMAT`. Fails with `invalid_input`. */
export function readLogFormat(text: string | undefined): LogFormat | undefined {
  const format = LOG_FORMATS.find((one) => one === text);
  if (text !== undefined && format === undefined)
    throw invalidInput(`SLUICE_LOG_FORMAT: must be ${LOG_FORMATS.join(" or ")}, not ${shown(text)}`);
  return format;
}
