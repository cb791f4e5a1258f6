import { HOW_WRITTEN, namesManager, readManagedSecret } from "./managed-secret.ts";
import { splitWebhookForm } from "./webhook-form.ts";

/** Where a secret stands, in place of the secret: a variable of the worker, a file that it can read, a secret manager. */
export type SecretReference =
  | { readonly from: "env"; readonly name: string }
  | { readonly from: "file"; readonly path: string }
  | { readonly from: "manager" };

const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]{0,127})$/;
const FILE = /^file:([^\0]{1,512})$/;

/** `env:NAME`, `file:PATH` or the address of a secret manager; undefined when a text is no such reference. */
export function readSecretReference(text: string): SecretReference | undefined {
  const name = VARIABLE.exec(text)?.[1];
  if (name !== undefined) return { from: "env", name };
  if (readManagedSecret(text)) return { from: "manager" };
  const path = FILE.exec(text)?.[1];
  return path !== undefined && !path.startsWith("//") ? { from: "file", path } : undefined;
}

/** What is wrong with the `secret` of a policy's webhook, or undefined; never repeats it. */
export function secretProblem(text: string): string | undefined {
  if (readSecretReference(text)) return undefined;
  return namesManager(text)
    ? `is no address of a secret: write ${HOW_WRITTEN}`
    : "a secret does not belong in a policy: name where the worker finds it, as env:NAME or file:PATH";
}

const BY_REFERENCE =
  "a policy is stored and read by many: give the worker the address in a variable, and write webhook: env:NAME (or file:PATH)";

/** What is wrong with the `webhook` of a policy, or undefined when nothing is; never repeats it. */
export function webhookProblem(written: string): string | undefined {
  const { address: text } = splitWebhookForm(written);
  if (readSecretReference(text)) return undefined;
  if (namesManager(text)) return `is no address of a secret: write ${HOW_WRITTEN}`;
  if (text.startsWith("env:"))
    return "is no reference that Sluice reads: write env:NAME (letters, digits and _) or file:PATH";
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    return "must be an address that begins with https:// (or http://), or say where it is: env:NAME or file:PATH";
  const place = secretPlace(url);
  return place && `carries a secret in its ${place}, and ${BY_REFERENCE}`;
}

const NAMED_SECRET = /token|key|secret|sig|auth|pass|pwd|code|credential/i;

/** Hosts whose addresses are secrets, whoever has one may post: chat and automation services. */
const SECRET_PATHS: readonly [host: RegExp, path: RegExp][] = [
  [/^hooks\.slack(?:-gov)?\.com$/, /^\/(?:services|workflows|triggers)\//],
  [/^(?:[a-z]+\.)?discord(?:app)?\.com$/, /^\/api\/(?:v\d+\/)?webhooks\//],
  [/(?:^|\.)webhook\.office\.com$/, /^\/webhookb2\//],
  [/^outlook\.office(?:365)?\.com$/, /^\/webhook\//],
  [/\.(?:logic\.azure\.(?:com|us)|api\.powerplatform\.com)$/, /\/workflows\//],
  [/^hooks\.zapier\.com$/, /^\/hooks\//],
  [/^api\.telegram\.org$/, /^\/bot/],
  [/^maker\.ifttt\.com$/, /\/key\//],
  [/^(?:open\.feishu\.cn|open\.larksuite\.com)$/, /\/hook\//],
  [/^hook\.[a-z0-9.]*make\.com$/, /^\/./],
];

function secretPlace(url: URL): string | undefined {
  if (url.username !== "" || url.password !== "") return "user name or password";
  for (const [name, value] of url.searchParams)
    if (NAMED_SECRET.test(name) || isTokenLike(value) || isTokenLike(name)) return "query";
  if (url.hash !== "") return "fragment";
  const isKnown = SECRET_PATHS.some(([host, path]) => host.test(url.hostname) && path.test(url.pathname));
  return isKnown || url.pathname.split("/").some(isTokenLike) ? "path" : undefined;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** A UUID, or a run of letters and digits mixed that nobody would write by hand. */
function isTokenLike(text: string): boolean {
  return (
    UUID.test(text) ||
    text.split(/[-_.~:]/).some((part) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part)) ||
    text.length >= 40
  );
}
