import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { langfuseError } from "./contract/langfuse.ts";
import { problem } from "./contract/problem.ts";
import { isForLangfuse } from "./langfuse/refusal.ts";
import { isStream, type PlainRoute, RAW_JSON, YAML } from "./route.ts";
import { PROTOBUF } from "./telemetry/otlp.ts";

type Json = Readonly<Record<string, unknown>>;
type Schema = v.GenericSchema<unknown, unknown>;

const textOf = (type: string) => ({ [type]: { schema: { type: "string" } } });
const PROBLEM = { $ref: "#/components/schemas/Problem" };
/** What any route for keys may answer. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "the request is not as it must be",
  401: "no valid key",
  403: "the key may not do this",
  404: "there is no such thing, or none that the key may see",
  409: "something else has happened meanwhile",
  412: "it has changed since it was read",
  413: "the body is too large",
  415: "the content type is not supported",
  422: "what was sent cannot be stored, or the Idempotency-Key is another request's",
  428: "the expected revision is missing",
  429: "too many requests; Retry-After says when to come back",
  500: "a bug in Sluice",
  501: "this server was not told how",
  503: "a part cannot be reached; Retry-After says when to come back",
};

/** What a route may answer that needs no key. */
const OF_ANYBODY = new Set(["400", "413", "415", "500"]);

/** And what one that lets somebody in may. */
const OF_SIGNING_IN = new Set([...OF_ANYBODY, "401", "403", "429", "501", "503"]);

/** The table of routes as OpenAPI 3.1: what a request may hold is what the server checks. */
export function describeApi(routes: readonly PlainRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version,
      description: "Prompts for services in every language. docs/reference/server.md says how keys work.",
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "a key of `sluice keys create`, or a CI job's token",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-sluice",
          description: "a browser's session; without TLS, on this machine, the cookie is `sluice`",
        },
      },
    },
  };
}

function operation(route: PlainRoute): Json {
  const body = "body" in route ? route.body : undefined;
  const isOpen = route.allow === "anybody" || route.allow === "sign-in";
  const { permission, onProtected } = typeof route.allow === "string" ? {} : route.allow;
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.about !== undefined && { description: route.about }),
    ...(permission !== undefined && { "x-permission": permission }),
    ...(onProtected !== undefined && { "x-permission-on-protected-labels": onProtected }),
    security: isOpen ? [] : [{ key: [] }, { session: [] }],
    parameters: [
      ...parameters("path", "params" in route ? route.params : undefined),
      ...parameters("query", route.query),
      ...headersOf(route),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: body === RAW_JSON ? { type: "object" } : schemaOf(body, "input") },
          ...("takesYaml" in route && route.takesYaml && textOf(YAML)),
          ...("takesProtobuf" in route && route.takesProtobuf && textOf(PROTOBUF)),
        },
      },
    }),
    responses: responses(route),
  };
}

/** `GET /v1/prompts/:name/versions` is `getPromptsByNameVersions`: no two routes have the same. */
function operationId({ method, path }: PlainRoute): string {
  const words = path.split(/[/.]/).filter((part) => part !== "" && part !== "v1");
  const named = words.map((word) =>
    word.replace(/^:/, "by ").replaceAll(/(?:^| )./g, (at) => at.trim().toUpperCase()),
  );
  return method.toLowerCase() + named.join("");
}

function responses(route: PlainRoute): Json {
  const own: Record<string, Json> = {};
  if (isStream(route))
    own["200"] = { description: "events", content: { "text/event-stream": { schema: { type: "string" } } } };
  else
    for (const [status, schema] of Object.entries(route.answers))
      own[status] = isEmpty(schema)
        ? { description: "nothing more to say" }
        : {
            description: route.summary,
            content: contentOf(schema, status === "200" ? route.givesText : undefined),
          };
  const content = isForLangfuse(route.path)
    ? { "application/json": { schema: schemaOf(langfuseError, "output") } }
    : { "application/problem+json": { schema: PROBLEM } };
  const refused = Object.entries(REFUSALS).filter(([status]) => mayRefuse(route, status));
  const refusals = refused.map(([status, description]) => [status, { description, content }]);
  return { ...(isRead(route) && UNCHANGED), ...(Object.fromEntries(refusals) as Json), ...own };
}

const UNCHANGED = { 304: { description: "what If-None-Match names is what would be sent" } };

function isRead(route: PlainRoute): boolean {
  return route.method === "GET" && !isStream(route);
}

function mayRefuse({ allow }: PlainRoute, status: string): boolean {
  if (allow === "sign-in") return OF_SIGNING_IN.has(status);
  return allow === "anybody" ? OF_ANYBODY.has(status) : status !== "501";
}

function contentOf(schema: Schema, textType: string | undefined): Json {
  const text = textType === undefined ? {} : textOf(textType);
  const isTextAlone = textType !== undefined && (schema as { type?: unknown }).type === "string";
  return isTextAlone ? text : { "application/json": { schema: schemaOf(schema, "input") }, ...text };
}

const isEmpty = (schema: Schema) => (schema as { type?: unknown }).type === "undefined";

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly ObjectSchema[];
}

function headersOf(route: PlainRoute): Json[] {
  if (!("idempotency" in route) || route.idempotency !== "operation") return [];
  return [
    {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description:
        "A name of this request: it is then carried out once, and answered again when it comes again.",
      schema: { type: "string", pattern: "^[!-~]{1,200}$" },
    },
  ];
}

/** Of a choice of several sets of parameters none is required by itself. */
function parameters(where: "path" | "query", schema: Schema | undefined): Json[] {
  if (!schema) return [];
  const whole = schemaOf(schema, "input") as ObjectSchema;
  const sets = whole.anyOf ?? [whole];
  const found = new Map<string, Json>();
  for (const { properties = {}, required = [] } of sets)
    for (const [name, one] of Object.entries(properties))
      found.set(name, {
        name,
        in: where,
        required: where === "path" || (sets.length === 1 && required.includes(name)),
        schema: one,
      });
  return [...found.values()];
}

function schemaOf(schema: Schema, typeMode: "input" | "output"): Json {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    typeMode,
    errorMode: "ignore",
    target: "draft-2020-12",
  });
  return json;
}
