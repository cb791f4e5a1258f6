const YES_OR_NO =
  /^(?:error|timeout|refusal|format_error|format_failure|valid_json|success|unanswered|any_trouble)$/;
const NOT_NEGATIVE = /(?:_ms|_usd|_seconds|tokens)$|^(?:latency|cost)$/;

/** Why a metric of a well-known name cannot have this value; undefined: it can. Other names are the user's own. */
export function metricValueProblem(metric: string, value: number): string | undefined {
  if (metric === "rating" && (value < 0 || value > 10)) return "a rating is a number from 0 to 10";
  if (YES_OR_NO.test(metric) && value !== 0 && value !== 1) return `${metric} is 0 or 1`;
  if (NOT_NEGATIVE.test(metric) && value < 0) return `${metric} cannot be less than 0`;
  return undefined;
}
