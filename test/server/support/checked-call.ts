import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { ROUTES } from "../../../src/server/route-table.ts";
import { describeApi } from "../../../src/server/openapi.ts";
import type { PlainRoute } from "../../../src/server/route.ts";

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

const routes = ROUTES as unknown as readonly PlainRoute[];
const api = describeApi(routes, "test") as {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  components: object;
};
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

/**
 * Sends a request and holds the answer against the API's own description: a status that it does not name, or a body
 * of another shape, is an error of the test whatever it was about.
 */
export async function call(
  base: string,
  request: string,
  { key, body, headers = {} }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
  redirect: "follow" | "manual" = "follow",
): Promise<Called> {
  const [method = "GET", path = "/"] = request.split(" ", 2);
  const response = await fetch(`${base}${path}`, {
    method,
    redirect,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const parsed: unknown = type.endsWith("json") ? JSON.parse(text) : text;
  assertDescribed(method, path, response.status, type, parsed);
  return { status: response.status, headers: response.headers, body: parsed };
}

function assertDescribed(method: string, path: string, status: number, type: string, body: unknown): void {
  const route = routes.find((one) => one.method === method && matches(one.path, path));
  if (!route) return;
  const described =
    api.paths[route.path.replaceAll(/:(\w+)/g, "{$1}")]![method.toLowerCase()]!.responses[status];
  const where = `${method} ${route.path} ${status}`;
  if (!described) throw new Error(`${where}: openapi.json names no such status`);
  const schema = described.content?.[type]?.schema;
  if (!schema) {
    if (body !== "") throw new Error(`${where}: openapi.json names no ${type}`);
    return;
  }
  const validate = validatorOf(schema);
  if (!validate(body)) throw new Error(`${where}: ${ajv.errorsText(validate.errors)}`);
}

const validators = new Map<object, ValidateFunction>();

/** Made once: it takes longer than most requests. */
function validatorOf(schema: object): ValidateFunction {
  let validate = validators.get(schema);
  if (!validate) validators.set(schema, (validate = ajv.compile({ ...schema, components: api.components })));
  return validate;
}

function matches(pattern: string, path: string): boolean {
  const text = pattern.split(/:\w+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${text.join("[^/]+")}$`).test(path.split("?")[0]!);
}
