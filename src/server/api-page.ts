import { toJsonSchema } from "@valibot/to-json-schema";
import { isStream, type PlainRoute, RAW_JSON } from "./route.ts";

/** The page of the documentation that lists every route; `npm run record-api` writes it. */
export function apiPage(routes: readonly PlainRoute[]): string {
  const rows = routes.map(
    (route) => `| \`${route.method} ${route.path}\` | ${needs(route)} | ${fields(route)} | ${text(route)} |`,
  );
  return [
    "# The API",
    "",
    "Every route of [the server](server.md). The whole description, with the shape of each answer, is served as OpenAPI 3.1 at `/openapi.json`. This page is made from the table of routes; `npm run record-api` writes it.",
    "",
    "What a key needs is a permission of its role: `read` and `serve` for looking and serving, `record` for outcomes, `author` for versions and evaluations, `release` and `release_protected` for moving traffic, `administer` for keys. `…?` may be left out.",
    "",
    "| route | needs | takes | what it does |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function needs({ allow }: PlainRoute): string {
  if (allow === "anybody") return "nothing";
  if (allow === "sign-in") return "who it is";
  if (allow === "any key") return "any key";
  const onProtected = allow.onProtected ? `, on protected labels \`${allow.onProtected}\`` : "";
  return `\`${allow.permission}\`${onProtected}`;
}

function text(route: PlainRoute): string {
  const events = isStream(route) ? " (`text/event-stream`)" : "";
  return [route.summary + events, route.about].filter((part) => part !== undefined).join(". ");
}

function fields(route: PlainRoute): string {
  const body = "body" in route ? route.body : undefined;
  const parts = [
    ...names(route.query).map((name) => `\`?${name}\``),
    ...(body === RAW_JSON ? ["a batch"] : names(body).map((name) => `\`${name}\``)),
  ];
  return parts.join(" ") || "-";
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly ObjectSchema[];
}

function names(schema: unknown): string[] {
  if (schema === undefined) return [];
  const whole = toJsonSchema(schema as never, {
    typeMode: "input",
    errorMode: "ignore",
  }) as unknown as ObjectSchema;
  const sets = whole.anyOf ?? [whole];
  return sets.flatMap(({ properties = {}, required = [] }) =>
    Object.keys(properties).map((name) => (sets.length === 1 && required.includes(name) ? name : `${name}?`)),
  );
}
