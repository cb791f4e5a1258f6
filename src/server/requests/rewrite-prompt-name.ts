const PLACES = ["/v1/prompts/", "/api/public/v2/prompts/"];
const PROMPTS = /^(\/v1\/prompts\/|\/api\/public\/v2\/prompts\/)([^?#]*)([?#].*)?$/s;
/** What may stand behind a prompt's name. */
const BEHIND = /^(.+?)(\/versions(?:\/[^/]+)?|\/labels(?:\/[^/]+)?)?$/s;

/**
 * Some clients send the slashes in a prompt's name as they are. They are encoded before the router sees them, so that
 * `/v1/prompts/support/reply/versions` is the versions of `support/reply`.
 */
export function rewritePromptName(url: string): string {
  const place = PLACES.find((one) => url.startsWith(one));
  if (place === undefined || !url.includes("/", place.length)) return url;
  const [, before, path, after = ""] = PROMPTS.exec(url) ?? [];
  if (before === undefined || path === undefined || !path.includes("/")) return url;
  const [, name = path, behind = ""] = BEHIND.exec(path) ?? [];
  return `${before}${name.replaceAll("/", "%2F")}${behind}${after}`;
}
