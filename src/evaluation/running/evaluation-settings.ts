import { invalidInput } from "../../domain/errors.ts";

/** SLUICE_MAX_EVALUATION_USD: an amount in US dollars. */
export function readMaxEvaluationUsd(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (Number(text) > 0 && Number(text) < 1e9) return Number(text);
  throw invalidInput("SLUICE_MAX_EVALUATION_USD must be an amount in US dollars above 0, as in 25");
}

/** SLUICE_PLAYGROUND_USD and SLUICE_INVOKE_USD: an amount in US dollars a person and day; 0: none at all. */
export function readDailyUsd(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (text.trim() !== "" && Number(text) >= 0 && Number(text) < 1e9) return Number(text);
  throw invalidInput(`${name} must be an amount in US dollars, as in 5; 0 for none at all`);
}

/** PROMPTFOO_PASS_RATE_THRESHOLD, a percentage, as 0 to 1. */
export function readPassRateThreshold(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const name = "PROMPTFOO_PASS_RATE_THRESHOLD";
  const percentage = Number(text);
  if (percentage >= 0 && percentage <= 100) return percentage / 100;
  throw invalidInput(`${name} must be a percentage from 0 to 100`, { name });
}
