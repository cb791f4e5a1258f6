import type { PageRoute } from "./page-address.ts";

/** What a page asks the API for first, so that it can be sent for while the page's scripts are still on their way. */
export function firstData(route: PageRoute, query: URLSearchParams): readonly string[] {
  return ["/v1/me", ...ofScreen(route, query)];
}

function ofScreen(route: PageRoute, query: URLSearchParams): readonly string[] {
  switch (route.screen) {
    case "home":
      return [homeData(query.get("label") ?? "")];
    case "prompt":
      return [promptData(route.prompt)];
    case "version":
      return [versionData(route.prompt, route.version)];
    case "rollout":
      return [rolloutData(route.rollout), recordData(route.rollout), curveData(route.rollout)];
    case "evaluation":
      return [evaluationData(route.evaluation)];
    default:
      return [];
  }
}

export const homeData = (label: string) =>
  label === "" ? "/v1/overview" : `/v1/overview?label=${encodeURIComponent(label)}`;
export const promptData = (prompt: string) => `/v1/overview?prompt=${encodeURIComponent(prompt)}`;
export const versionData = (prompt: string, version: number) =>
  `/v1/prompts/${encodeURIComponent(prompt)}/versions/${version}`;
export const rolloutData = (rollout: string) => `/v1/rollouts/${rollout}`;
export const recordData = (rollout: string) => `/v1/rollouts/${rollout}/record?looks=none`;
/** In so many looks as are drawn: one every few pixels of a picture; those that decide come on top. */
export const curveData = (rollout: string) => `/v1/rollouts/${rollout}/curve?points=120`;
export const evaluationData = (evaluation: string) => `/v1/evaluations/${evaluation}`;
